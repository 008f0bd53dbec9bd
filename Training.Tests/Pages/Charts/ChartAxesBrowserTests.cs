using System.Globalization;
using System.Text.RegularExpressions;
using Microsoft.Playwright;
using Training.Tests.TestKit;

namespace Training.Tests.Pages.Charts;

[Collection(Browser.Name)]
public sealed class ChartAxesBrowserTests(Browser browser)
{
    private const string Tips = ".chart-cross:not([hidden]) .chart-tip";

    /// <summary>Of each chart that shows the crosshair: where the line stands, as a share of the axis.</summary>
    private const string Lines = """
        () => [...document.querySelectorAll('[data-drawn]')].filter(e => e.querySelector('.chart-line')).map(e => {
          const ticks = [...e.querySelectorAll('.apexcharts-xaxis text')].map(t => t.getBoundingClientRect()).map(b => b.x + b.width / 2);
          return (e.querySelector('.chart-line').getBoundingClientRect().x - ticks[0]) / (ticks.at(-1) - ticks[0]);
        })
        """;

    [SkippableTheory]
    [InlineData(0.03)]
    [InlineData(0.31)]
    [InlineData(0.77)]
    public async Task Pointer_OverAChart_SaysThePlaceWhereTheLineStandsInEveryChart(double share)
    {
        await using var app = DashboardApp.Listening();
        var run = await new RunBuilder(app) { Images = false, Epochs = 4, StepsPerEpoch = 50 }.BuildAsync();
        await using var page = await browser.OpenAsync(app, $"/runs/{run.Id}");

        await PointAsync(page.Page, share);

        var tips = page.Page.Locator(Tips);
        await Assertions.Expect(tips).ToHaveCountAsync(3);
        var epochs = (await tips.AllInnerTextsAsync()).Select(text => Number(Regex.Match(text, @"^epoch ([\d.]+) ").Groups[1].Value));
        var lines = await page.Page.EvaluateAsync<double[]>(Lines);
        Assert.All(epochs.Zip(lines), pair => Assert.Equal(pair.First / 4, pair.Second, 0.01));
        Assert.All(lines, line => Assert.Equal(share, line, 0.02));
    }

    [SkippableFact]
    public async Task Pointer_ThatLeaves_TakesTheLineFromEveryChart()
    {
        await using var app = DashboardApp.Listening();
        var run = await new RunBuilder(app) { Images = false }.BuildAsync();
        await using var page = await browser.OpenAsync(app, $"/runs/{run.Id}");
        await PointAsync(page.Page, 0.5);
        await Assertions.Expect(page.Page.Locator(Tips)).ToHaveCountAsync(3);

        await page.Page.Mouse.MoveAsync(1, 1);

        await Assertions.Expect(page.Page.Locator(Tips)).ToHaveCountAsync(0);
    }

    [SkippableTheory]
    [InlineData("from=77&to=214", "1 2 3 4 5", "Epochs 1–5")]
    [InlineData("from=61&to=83", "60 65 70 75 80 85", "Steps 60–85")]
    public async Task Axis_ZoomedIn_HasWholeRoundTicksAndTheRangeItSays(string query, string expected, string range)
    {
        await using var app = DashboardApp.Listening();
        var run = await new RunBuilder(app) { Images = false, Epochs = 6, StepsPerEpoch = 50 }.BuildAsync();
        await using var page = await browser.OpenAsync(app, $"/runs/{run.Id}?{query}");
        await page.Page.Locator("[data-drawn]").First.WaitForAsync();

        var ticks = await page.Page.Locator("[data-drawn]").First.Locator(".apexcharts-xaxis tspan").AllTextContentsAsync();

        Assert.Equal(expected, string.Join(' ', ticks.Where(text => text.Length > 0)));
        await Assertions.Expect(page.Page.Locator(".toolbar")).ToContainTextAsync(range);
    }

    [SkippableFact]
    public async Task Axis_OfALogarithm_HasTicksAtOneTwoAndFive()
    {
        await using var app = DashboardApp.Listening();
        var run = await new RunBuilder(app) { Images = false }.BuildAsync();
        await using var page = await browser.OpenAsync(app, $"/runs/{run.Id}?log=true");

        var ticks = page.Page.Locator("[data-drawn]").First.Locator(".chart-tick");
        await ticks.First.WaitForAsync();

        Assert.All(await ticks.AllTextContentsAsync(), text => Assert.Matches(@"^(0\.0*[125]|[125]0*|[125]e−?\d+)$", text));
    }

    [SkippableFact]
    public async Task Axes_OfValues_StartAtZeroForTheLossAndEndAtAHundredPercentForTheAccuracy()
    {
        await using var app = DashboardApp.Listening();
        var run = await new RunBuilder(app) { Images = false }.BuildAsync();
        await using var page = await browser.OpenAsync(app, $"/runs/{run.Id}");
        await page.Page.Locator("[data-drawn]").Nth(1).WaitForAsync();

        var loss = await ValuesAsync(page.Page, 0);
        var accuracy = await ValuesAsync(page.Page, 1);

        Assert.Equal(0, loss.Min());
        Assert.InRange(accuracy.Max(), 0, 100);
    }

    private static async Task<double[]> ValuesAsync(IPage page, int chart)
    {
        var ticks = page.Locator("[data-drawn]").Nth(chart).Locator(".apexcharts-yaxis tspan");
        return [.. (await ticks.AllTextContentsAsync()).Select(text => Number(text.Replace(" %", "", StringComparison.Ordinal)))];
    }

    /// <summary>Moves the mouse to a place of the first chart, as a share of its axis.</summary>
    private static async Task PointAsync(IPage page, double share)
    {
        // All are drawn for good, so that each shows the line.
        await page.Locator("[data-drawn]").Nth(2).WaitForAsync();
        var ticks = page.Locator("[data-drawn]").First.Locator(".apexcharts-xaxis text");
        var first = (await ticks.First.BoundingBoxAsync())!;
        var last = (await ticks.Last.BoundingBoxAsync())!;
        var (from, to) = (first.X + first.Width / 2, last.X + last.Width / 2);
        await page.Mouse.MoveAsync((float)(from + share * (to - from)), first.Y - 80);
    }

    private static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);
}

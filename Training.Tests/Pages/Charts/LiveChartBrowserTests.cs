using Dashboard.Storage;
using Microsoft.Playwright;
using Training.Core.Runs;
using Training.Tests.TestKit;

namespace Training.Tests.Pages.Charts;

[Collection(Browser.Name)]
public sealed class LiveChartBrowserTests(Browser browser)
{
    private const string Drawn = ".line-chart [data-drawn]";

    [SkippableFact]
    public async Task Chart_OfARunThatTrains_GrowsWithoutReload()
    {
        await using var app = DashboardApp.Listening();
        var builder = new RunBuilder(app) { Images = false, State = RunState.Training, DoneEpochs = 2 };
        var run = await builder.BuildAsync();
        await using var page = await browser.OpenAsync(app, $"/runs/{run.Id}");
        await Assertions.Expect(page.Page.Locator(Drawn).First).ToHaveAttributeAsync("data-drawn", "20");

        await app.Runs.ApplyAsync(run.Id, 1, [Entry(builder, 21)]);

        await Assertions.Expect(page.Page.Locator(Drawn).First).ToHaveAttributeAsync("data-drawn", "21");
    }

    [SkippableFact]
    public async Task Drag_OverAChart_ZoomsAndTheUrlKeepsIt()
    {
        await using var app = DashboardApp.Listening();
        var run = await new RunBuilder(app) { Images = false, StepsPerEpoch = 100 }.BuildAsync();
        await using var page = await browser.OpenAsync(app, $"/runs/{run.Id}?log=true");
        // Drawn for good: the first drawing is replaced a frame later, and a drag that begins in between is lost.
        var plot = page.Page.Locator("[data-drawn] .apexcharts-inner").First;
        await plot.WaitForAsync();
        var box = (await plot.BoundingBoxAsync())!;

        await page.Page.Mouse.MoveAsync(box.X + box.Width * 0.4f, box.Y + box.Height / 2);
        await page.Page.Mouse.DownAsync();
        await page.Page.Mouse.MoveAsync(box.X + box.Width * 0.6f, box.Y + box.Height / 2, new() { Steps = 5 });
        await page.Page.Mouse.UpAsync();

        await Assertions.Expect(page.Page).ToHaveURLAsync(new System.Text.RegularExpressions.Regex(@"[?&]from=\d+"));
        var url = page.Page.Url;
        Assert.Contains("log=true", url, StringComparison.Ordinal);
        await page.GoAsync(new Uri(url).PathAndQuery);
        await page.Page.GetByRole(AriaRole.Button, new() { Name = "Show all" }).ClickAsync();
        await Assertions.Expect(page.Page).ToHaveURLAsync(new System.Text.RegularExpressions.Regex(@"\?log=true$"));
    }

    [SkippableFact]
    public async Task Tab_WhileHidden_StandsStillAndCatchesUpWhenShown()
    {
        await using var app = DashboardApp.Listening();
        var builder = new RunBuilder(app) { Images = false, State = RunState.Training, DoneEpochs = 2 };
        var run = await builder.BuildAsync();
        await using var hidden = await browser.OpenAsync(app, $"/runs/{run.Id}");
        await using var seen = await browser.OpenAsync(app, $"/runs/{run.Id}");
        await Assertions.Expect(hidden.Page.Locator(Drawn).First).ToHaveAttributeAsync("data-drawn", "20");

        await HideAsync(hidden.Page, true);
        // The dashboard takes a page's messages one after another: once this click is answered it knows that the tab is hidden.
        await hidden.Page.GetByRole(AriaRole.Button, new() { Name = "Log scale" }).ClickAsync();
        await Assertions.Expect(hidden.Page).ToHaveURLAsync(new System.Text.RegularExpressions.Regex(@"[?&]log="));
        for (var step = 21; step <= 26; step++) await app.Runs.ApplyAsync(run.Id, 1, [Entry(builder, step, step - 20)]);
        await Assertions.Expect(seen.Page.Locator(Drawn).First).ToHaveAttributeAsync("data-drawn", "26");

        await Assertions.Expect(seen.Page.Locator(".kv")).ToContainTextAsync("60 %");
        Assert.Equal("20", await hidden.Page.Locator(Drawn).First.GetAttributeAsync("data-drawn"));
        Assert.DoesNotContain("60 %", await hidden.Page.Locator(".kv").InnerTextAsync(), StringComparison.Ordinal);
        await HideAsync(hidden.Page, false);
        await Assertions.Expect(hidden.Page.Locator(Drawn).First).ToHaveAttributeAsync("data-drawn", "26");
        await Assertions.Expect(hidden.Page.Locator(".kv")).ToContainTextAsync("60 %");
    }

    [SkippableFact]
    public async Task Line_ProlongedStepByStep_IsTheLineOfAFreshDrawing()
    {
        await using var app = DashboardApp.Listening();
        var builder = new RunBuilder(app) { Images = false, State = RunState.Training, DoneEpochs = 2, StepsPerEpoch = 100 };
        var run = await builder.BuildAsync();
        await using var page = await browser.OpenAsync(app, $"/runs/{run.Id}");
        await Assertions.Expect(page.Page.Locator(Drawn).First).ToHaveAttributeAsync("data-drawn", "200");
        for (var step = 201; step <= 210; step++)
        {
            await app.Runs.ApplyAsync(run.Id, 1, [Entry(builder, step, step - 200)]);
            await Assertions.Expect(page.Page.Locator(Drawn).First).ToHaveAttributeAsync("data-drawn", $"{step}");
        }

        var grown = await LineAsync(page.Page);
        await page.GoAsync($"/runs/{run.Id}");
        await Assertions.Expect(page.Page.Locator(Drawn).First).ToHaveAttributeAsync("data-drawn", "210");
        var fresh = await LineAsync(page.Page);

        Assert.Equal(fresh.Length, grown.Length);
        Assert.All(fresh.Zip(grown), pair => Assert.Equal(pair.First, pair.Second, 0.2));
    }

    /// <summary>What the browser does with a tab behind another; the driver keeps all of its pages in front.</summary>
    private static async Task HideAsync(IPage page, bool hidden) => await page.EvaluateAsync("""
        hidden => {
          Object.defineProperty(document, 'hidden', { configurable: true, get: () => hidden });
          document.dispatchEvent(new Event('visibilitychange'));
        }
        """, hidden);

    /// <summary>The places of the first line of the first chart, in pixels.</summary>
    private static Task<double[]> LineAsync(IPage page) => page.EvaluateAsync<double[]>(
        "document.querySelector('[data-drawn] path.apexcharts-line').getAttribute('d').match(/[\\d.-]+/g).map(Number)");

    private static JournalEntry Entry(RunBuilder builder, int step, int after = 1) =>
        new(builder.LastSequence + after, TimeProvider.System.GetUtcNow(), builder.Reports!.Step(step));
}

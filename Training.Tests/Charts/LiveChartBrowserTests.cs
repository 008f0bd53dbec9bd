using Dashboard.Runs;
using Microsoft.Playwright;
using Training.Core.Runs;
using Training.Tests.TestKit;

namespace Training.Tests.Charts;

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

    private static JournalEntry Entry(RunBuilder builder, int step) =>
        new(builder.LastSequence + 1, TimeProvider.System.GetUtcNow(), builder.Reports!.Step(step));
}

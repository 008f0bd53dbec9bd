using AngleSharp.Dom;
using Bunit;
using Dashboard.Pages.Runs;
using Dashboard.Storage;
using Microsoft.Extensions.DependencyInjection;
using Training.Core.Metrics;
using Training.Tests.TestKit;

namespace Training.Tests.Pages.Runs;

public sealed class RunsPageTests : ComponentTests
{
    [Fact]
    public void Page_WithoutRuns_LeadsToTheFirstOne()
    {
        var page = Render<RunsPage>();

        Assert.Equal("/new", page.Find(".empty a").GetAttribute("href"));
        Assert.Contains("demo set", page.Find(".empty").TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Page_WithRuns_ShowsLiveOnesFirstWithStateAndBestAccuracy()
    {
        var dataset = await new RunBuilder(App) { Images = false }.BuildDatasetAsync();
        var done = await new RunBuilder(App) { Name = "done", Predictions = false }.BuildAsync(dataset);
        await new RunBuilder(App) { Name = "<script>alert(1)</script>", State = RunState.Training, DoneEpochs = 2, Predictions = false }
            .BuildAsync(dataset);
        await new RunBuilder(App) { Name = "waits", State = RunState.Queued }.BuildAsync(dataset);

        var rows = Render<RunsPage>().FindAll("tbody tr");

        Assert.Equal(["<script>alert(1)</script>", "waits", "done"], rows.Select(row => Text(row, ".name")));
        Assert.Equal(["Training", "Queued, 1st", "Completed"], rows.Select(row => Text(row, ".state")));
        Assert.Contains("epoch 3/4 · 0 %", rows[0].TextContent, StringComparison.Ordinal);
        Assert.Equal($"{done.BestValAccuracy * 100:F1} %", Text(rows[2], ".best b"));
        var right = (int)Math.Round(done.BestValAccuracy!.Value * done.ValSamples);
        Assert.Equal(Percent.Of(WilsonInterval.Of(right, done.ValSamples)!.Value), Text(rows[2], ".best small"));
        Assert.NotNull(rows[2].QuerySelector("svg.sparkline"));
    }

    [Fact]
    public async Task Priority_ChosenInARow_MovesItInTheQueue()
    {
        var dataset = await new RunBuilder(App) { Images = false }.BuildDatasetAsync();
        foreach (var name in (string[])["first", "second"])
            await new RunBuilder(App) { Name = name, State = RunState.Queued }.BuildAsync(dataset);
        var page = Render<RunsPage>();
        Assert.Equal(["first", "second"], page.FindAll("tbody tr").Select(row => Text(row, ".name")));

        page.Find("select[aria-label='Priority of second']").Change("High");

        page.WaitForAssertion(() => Assert.Equal(["second", "first"], page.FindAll("tbody tr").Select(row => Text(row, ".name"))),
            TimeSpan.FromSeconds(20));
        Assert.Equal("High", page.Find("select[aria-label='Priority of second']").GetAttribute("value"));
    }

    [Fact]
    public async Task Page_WhenARunMovesOn_ShowsItWithoutReload()
    {
        var builder = new RunBuilder(App) { Images = false, Predictions = false, State = RunState.Training, DoneEpochs = 1 };
        var run = await builder.BuildAsync();
        var page = Render<RunsPage>();
        Assert.Contains("epoch 2/4 · 0 %", page.Markup, StringComparison.Ordinal);

        await App.Runs.ApplyAsync(run.Id, 1, [new(builder.LastSequence + 1, TimeProvider.System.GetUtcNow(), builder.Reports!.Step(15))]);

        page.WaitForAssertion(() => Assert.Contains("epoch 2/4 · 50 %", page.Markup, StringComparison.Ordinal), TimeSpan.FromSeconds(20));
    }

    private static string Text(IElement row, string selector) => row.QuerySelector(selector)!.TextContent.Trim();
}

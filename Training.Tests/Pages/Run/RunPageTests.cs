using Bunit;
using Dashboard.Pages.Run;
using Dashboard.Runs;
using Dashboard.Storage;
using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.DependencyInjection;
using MudBlazor;
using Training.Core.Metrics;
using Training.Core.Runs;
using Training.Tests.TestKit;

namespace Training.Tests.Pages.Run;

public sealed class RunPageTests : ComponentTests
{
    [Fact]
    public void Page_OfAnUnknownRun_SaysSoAndLeadsBack()
    {
        var page = Render<RunPage>(p => p.Add(c => c.Id, 12));

        Assert.Equal("There is no run 12", page.Find("h1").TextContent);
        Assert.Equal("/", page.Find(".empty a").GetAttribute("href"));
    }

    [Fact]
    public async Task Page_OfACompletedRun_ShowsItsNumbersAndOffersToDelete()
    {
        var run = await new RunBuilder(App) { Images = false, Name = "고양이 <b>" }.BuildAsync();

        var page = Show(run.Id);

        Assert.Equal("고양이 <b>", page.Find("h1").TextContent);
        Assert.Contains("All 4 epochs are done", page.Find(".reason").TextContent, StringComparison.Ordinal);
        Assert.Contains($"{run.BestValAccuracy * 100:F1} %", page.Find(".kv").TextContent, StringComparison.Ordinal);
        Assert.Contains(Percent.Of(WilsonInterval.Of(run.BestValAccuracy, run.ValSamples)!.Value), page.Find(".kv").TextContent,
            StringComparison.Ordinal);
        Assert.Equal(["Delete", "Start from this model", "Clone"], Buttons(page));
    }

    [Fact]
    public async Task Page_OfATrainingRun_OffersToStopAndShowsEpochAndBar()
    {
        var run = await new RunBuilder(App) { Images = false, State = RunState.Training, DoneEpochs = 2 }.BuildAsync();

        var page = Show(run.Id);

        Assert.Contains("3 of 4 · 0 %", page.Find(".kv").TextContent, StringComparison.Ordinal);
        Assert.Equal("50", page.Find("[role=progressbar]").GetAttribute("aria-valuenow"));
        Assert.Equal(["Clone", "Stop", "Pause"], Buttons(page));
    }

    [Fact]
    public async Task Page_OfARunThatWaitsForRoom_SaysWhatWaitsAndNoTimeLeft()
    {
        var builder = new RunBuilder(App) { Images = false, State = RunState.Training, DoneEpochs = 2 };
        var run = await builder.BuildAsync();
        var words = FullDisk.Words(new NoSpaceException("best_model.pth", "/data/runs/7/best_model.pth", 64_000_000, 47_000_000));
        await App.Runs.ApplyAsync(run.Id, 1,
            [new(builder.LastSequence + 1, TimeProvider.System.GetUtcNow(), new PhaseStarted(words, null))]);

        var page = Show(run.Id);

        var alert = page.Find("[role=alert]").TextContent;
        Assert.Contains("The disk of testbox is full.", alert, StringComparison.Ordinal);
        Assert.Contains("best_model.pth, which needs 64.0 MB: 47.0 MB are free in /data/runs/7", alert, StringComparison.Ordinal);
        Assert.Contains("waits for room on the disk", page.Find(".kv").TextContent, StringComparison.Ordinal);
        Assert.Null(RunProgress.Of((await App.Runs.GetAsync(run.Id))!, TimeProvider.System.GetUtcNow()).TimeLeft);

        await App.Runs.ApplyAsync(run.Id, 1, [new(builder.LastSequence + 2, TimeProvider.System.GetUtcNow(), new PhaseStarted("", null))]);
        page.WaitForAssertion(() => Assert.Empty(page.FindAll("[role=alert]")), TimeSpan.FromSeconds(20));
    }

    [Fact]
    public async Task Page_OfAFailedRun_SaysWhyWithTheLastLinesAndWhatToDo()
    {
        var run = await new RunBuilder(App) { Images = false, State = RunState.Failed, DoneEpochs = 1,
            Reason = "The trainer was killed (signal 9)" }.BuildAsync();

        var alert = Show(run.Id).Find("[role=alert]");

        Assert.Contains("The trainer was killed (signal 9)", alert.TextContent, StringComparison.Ordinal);
        Assert.Contains("This run is made up by the tests", alert.QuerySelector("pre")!.TextContent, StringComparison.Ordinal);
        Assert.Equal($"/new?clone={run.Id}", alert.QuerySelector("a")!.GetAttribute("href"));
    }

    [Fact]
    public async Task Pause_ClickedAsTheRunEnds_IsAWordAtTheEdgeAndNoError()
    {
        var run = await new RunBuilder(App) { Images = false, State = RunState.Training, DoneEpochs = 2, Name = "late" }.BuildAsync();
        Render<MudPopoverProvider>();
        var words = Render<MudSnackbarProvider>();
        var header = Render<RunHeader>(p => p.Add(c => c.Run, run));
        await App.Runs.FailAsync(run.Id, 1, "over");

        await header.InvokeAsync(() => header.FindAll("button").Single(button => button.TextContent == "Pause").Click());

        words.WaitForAssertion(() => Assert.Contains("“late” can't be paused: it is over.", words.Markup, StringComparison.Ordinal),
            TimeSpan.FromSeconds(20));
    }

    [Fact]
    public async Task Curves_OfARunThatWasKilledAndPaused_NameEachCauseInWords()
    {
        var run = await new RunBuilder(App) { Images = false, State = RunState.Training, DoneEpochs = 2 }.BuildAsync();
        await App.Runs.DieAsync(run.Id, 1, "The trainer was killed (signal 9).\nThe last lines of its log:\nbye", hasCheckpoint: true);
        await App.Runs.TakeNextAsync("testbox", "hash");
        await App.Runs.ApplyAsync(run.Id, 2,
            [new JournalEntry(1, TimeProvider.System.GetUtcNow(),
                new Ended(RunOutcome.Paused, "Paused in epoch 3 after step 20.", null, null, 1))]);
        await App.Runs.ResumeAsync(run.Id, default);
        await App.Runs.TakeNextAsync("testbox", "hash");

        var page = Show(run.Id);

        var list = page.WaitForElement(".interruptions");
        Assert.Equal("2 interruptions", list.QuerySelector("summary")!.TextContent);
        var lines = list.QuerySelectorAll("li")
            .Select(line => string.Join(' ', line.TextContent.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries))).ToList();
        Assert.StartsWith("After step 20 The trainer was killed (signal 9). It went on after ", lines[0], StringComparison.Ordinal);
        Assert.StartsWith("After step 20 Paused in epoch 3 after step 20. It went on after ", lines[1], StringComparison.Ordinal);
        Assert.EndsWith("as attempt 3.", lines[1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task ImagesTab_OfARun_SaysHowManyAreWrong()
    {
        var builder = new RunBuilder(App) { Images = false };
        var run = await builder.BuildAsync();

        var chip = Show(run.Id).Find(".tabs .chip");

        // An ended run opens with the epoch whose weights are kept.
        var wrong = builder.Reports!.PredictionsOf(run.BestEpoch!.Value).Count(prediction => !prediction.IsRight);
        Assert.Equal($"{wrong} wrong", chip.TextContent);
    }

    [Fact]
    public async Task Page_WhileTheTabIsHidden_AsksTheStoreForNothingAndCatchesUp()
    {
        var builder = new RunBuilder(App) { Images = false, State = RunState.Training, DoneEpochs = 1 };
        var run = await builder.BuildAsync();
        var page = Show(run.Id);
        page.WaitForState(() => page.RenderCount > 1, TimeSpan.FromSeconds(20));
        await page.InvokeAsync(() => Visibility.Set(false));

        await App.Runs.ApplyAsync(run.Id, 1, [new(builder.LastSequence + 1, TimeProvider.System.GetUtcNow(), builder.Reports!.Step(15))]);
        Assert.Contains("2 of 4 · 0 %", page.Find(".kv").TextContent, StringComparison.Ordinal);
        await page.InvokeAsync(() => Visibility.Set(true));

        page.WaitForAssertion(() => Assert.Contains("2 of 4 · 50 %", page.Find(".kv").TextContent, StringComparison.Ordinal),
            TimeSpan.FromSeconds(20));
    }

    [Theory]
    [InlineData("log", "This run is made up by the tests")]
    [InlineData("recipe", "learningRate")]
    [InlineData("files", "samples.json")]
    [InlineData("curves", "Learning rate")]
    public async Task Tab_NamedInTheUrl_IsShown(string tab, string text)
    {
        var run = await new RunBuilder(App) { Images = false }.BuildAsync();
        Services.GetRequiredService<NavigationManager>().NavigateTo($"/runs/{run.Id}?tab={tab}");

        var page = Show(run.Id);

        Assert.Equal("page", page.Find(".tabs a.on").GetAttribute("aria-current"));
        page.WaitForAssertion(() => Assert.Contains(text, page.Markup, StringComparison.Ordinal), TimeSpan.FromSeconds(20));
    }

    private IRenderedComponent<RunPage> Show(int id) => Render<RunPage>(p => p.Add(c => c.Id, id));

    private static IEnumerable<string> Buttons(IRenderedComponent<RunPage> page) =>
        page.FindAll(".actions .mud-button-root").Select(button => button.TextContent.Trim());
}

using Dashboard.Api.Watching;
using Dashboard.Runs;
using Dashboard.Storage;
using Microsoft.AspNetCore.SignalR;
using Training.Core.Metrics;
using Training.Core.Runs;
using Training.Tests.TestKit;

namespace Training.Tests.Api.Watching;

public sealed class ProgressHubTests : IAsyncLifetime
{
    private readonly DashboardApp _app = DashboardApp.Listening();
    private Watcher _watcher = null!;

    [Fact]
    public async Task Watch_OfALiveRun_BringsEveryStepAndEpochOnceAndInOrder()
    {
        var (run, plan) = await LiveAsync();
        await _watcher.WatchAsync(run.Id);
        var first = await _watcher.NextAsync();

        for (var step = 11; step <= 40; step++) await ReportAsync(run, plan, step);
        await ApplyAsync(run, plan, new Ended(RunOutcome.Completed, "All 4 epochs are done", 4, 0.9, 12));

        ProgressBatch[] batches = [first, .. await _watcher.UntilAsync(batch => batch.Run is { Condition.State: RunState.Completed })];
        Assert.Equal((true, RunState.Training, 10), (first.First, first.Run!.Condition.State, first.Steps.Count));
        Assert.All(batches, batch => Assert.Equal((run.Id, 0), (batch.RunId, batch.LeftOut)));
        Assert.Single(batches, batch => batch.First);
        Assert.Equal(Enumerable.Range(1, 40), batches.SelectMany(batch => batch.Steps).Select(step => step.Step));
        Assert.Equal([1, 2, 3, 4], batches.SelectMany(batch => batch.Epochs).Select(epoch => epoch.Epoch));
        Assert.Equal("All 4 epochs are done", batches[^1].Run!.Condition.Reason);
    }

    [Fact]
    public async Task Watch_OfAFinishedRun_BringsAllOfItInOneBatch()
    {
        var run = await new RunBuilder(_app) { Images = false, Predictions = false }.BuildAsync();

        await _watcher.WatchAsync(run.Id);

        var batch = await _watcher.NextAsync();
        Assert.Equal((true, RunState.Completed, 4), (batch.First, batch.Run!.Condition.State, batch.Epochs.Count));
        Assert.Equal(Enumerable.Range(1, 40), batch.Steps.Select(step => step.Step));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Watch_OfARunThatBeginsWithItsHead_BringsEpochZeroOnce(bool watchedBefore)
    {
        var plan = new RunBuilder(_app) { Images = false, Predictions = false, State = RunState.Training, DoneEpochs = 0 };
        var run = await plan.BuildAsync();
        if (watchedBefore)
        {
            await _watcher.WatchAsync(run.Id);
            Assert.Empty((await _watcher.NextAsync()).Epochs);
        }
        await ApplyAsync(run, plan, new EpochCompleted(0, 0, 0.4, 0.5, 0.875, 3000, 300, 1, true));
        if (!watchedBefore) await _watcher.WatchAsync(run.Id);

        for (var step = 1; step <= 10; step++) await ReportAsync(run, plan, step);

        var batches = await _watcher.UntilAsync(batch => batch.Epochs.Any(epoch => epoch.Epoch == 1));
        Assert.Equal([0, 1], batches.SelectMany(batch => batch.Epochs).Select(epoch => epoch.Epoch));
        var head = batches.SelectMany(batch => batch.Epochs).First();
        Assert.Equal((0, 0.875), (head.Step, head.ValAccuracy));
        Assert.Equal(WilsonInterval.Of(21, 24), head.ValAccuracyInterval);
    }

    [Fact]
    public async Task Watch_OfALossThatIsNoNumber_BringsNull()
    {
        var (run, plan) = await LiveAsync();
        await ApplyAsync(run, plan, new StepCompleted(2, 11, double.PositiveInfinity, 0.001, 50));

        await _watcher.WatchAsync(run.Id);

        Assert.Null((await _watcher.NextAsync()).Steps[^1].Loss);
    }

    [Fact]
    public async Task Watch_OfALongRun_LeavesOldStepsOutAndSaysHowMany()
    {
        var run = await new RunBuilder(_app) { Images = false, Predictions = false, StepsPerEpoch = 300 }.BuildAsync();

        await _watcher.WatchAsync(run.Id);

        var batch = await _watcher.NextAsync();
        Assert.Equal((200, 1000), (batch.LeftOut, batch.Steps.Count));
        Assert.Equal((201, 1200), (batch.Steps[0].Step, batch.Steps[^1].Step));
    }

    [Fact]
    public async Task Watch_OfNoRun_SaysThatThereIsNone()
    {
        var refusal = await Assert.ThrowsAsync<HubException>(() => _watcher.WatchAsync(77));

        Assert.Contains("There is no run 77; it may have been deleted.", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Watch_OfTooManyRuns_SaysWhatToDo()
    {
        var dataset = await new RunBuilder(_app) { Images = false }.BuildDatasetAsync();
        for (var i = 0; i < ProgressWatchers.MaxPerConnection; i++)
            await _watcher.WatchAsync((await QueuedAsync(dataset)).Id);
        var oneMore = await QueuedAsync(dataset);

        var refusal = await Assert.ThrowsAsync<HubException>(() => _watcher.WatchAsync(oneMore.Id));

        Assert.Contains("watches 100 runs already. Unwatch one", refusal.Message, StringComparison.Ordinal);
        await _watcher.UnwatchAsync(1);
        await _watcher.WatchAsync(oneMore.Id);
    }

    [Fact]
    public async Task Unwatch_EndsTheBatchesOfThatRunOnly()
    {
        var (left, leftPlan) = await LiveAsync();
        var (kept, keptPlan) = await LiveAsync();
        await _watcher.WatchAsync(left.Id);
        await _watcher.NextAsync();
        await _watcher.WatchAsync(kept.Id);
        await _watcher.NextAsync();
        await using var other = await Watcher.ConnectAsync(_app);
        await other.WatchAsync(left.Id);
        await other.NextAsync();

        await _watcher.UnwatchAsync(left.Id);
        await ReportAsync(left, leftPlan, 11);
        Assert.Equal(11, (await other.NextAsync()).Steps[^1].Step);
        await ReportAsync(kept, keptPlan, 11);

        Assert.Equal(kept.Id, (await _watcher.NextAsync()).RunId);
    }

    [Fact]
    public async Task Watch_OfARunThatIsDeleted_SaysSoInALastBatch()
    {
        var run = await new RunBuilder(_app) { Images = false, Predictions = false }.BuildAsync();
        await _watcher.WatchAsync(run.Id);
        await _watcher.NextAsync();

        await _app.Get<RunService>().DeleteAsync(run.Id);

        var last = await _watcher.NextAsync();
        Assert.Equal((run.Id, null, 0), (last.RunId, last.Run, last.Steps.Count));
    }

    [Fact]
    public async Task Watch_Again_StartsAnewFromTheFirstStep()
    {
        var (run, _) = await LiveAsync();
        await _watcher.WatchAsync(run.Id);
        await _watcher.NextAsync();

        await _watcher.WatchAsync(run.Id);

        var batch = await _watcher.NextAsync();
        Assert.Equal((true, 1), (batch.First, batch.Steps[0].Step));
    }

    public async Task InitializeAsync() => _watcher = await Watcher.ConnectAsync(_app);

    public async Task DisposeAsync()
    {
        await _watcher.DisposeAsync();
        await _app.DisposeAsync();
    }

    /// <summary>In its second of four epochs, ten steps each.</summary>
    private async Task<(RunRow Run, RunBuilder Plan)> LiveAsync()
    {
        var plan = new RunBuilder(_app) { Images = false, Predictions = false, State = RunState.Training, DoneEpochs = 1,
            DatasetName = Guid.NewGuid().ToString() };
        return (await plan.BuildAsync(), plan);
    }

    private Task<RunRow> QueuedAsync(DatasetRow dataset) =>
        new RunBuilder(_app) { Images = false, State = RunState.Queued }.BuildAsync(dataset);

    private async Task ReportAsync(RunRow run, RunBuilder plan, int step)
    {
        await ApplyAsync(run, plan, plan.Reports!.Step(step));
        if (step % plan.StepsPerEpoch == 0) await ApplyAsync(run, plan, plan.Reports.Epoch(step / plan.StepsPerEpoch, 0));
    }

    private async Task ApplyAsync(RunRow run, RunBuilder plan, RunEvent runEvent)
    {
        var known = (await _app.Runs.AttemptAsync(run.Id, 1))!.Value.Attempt.LastSequence;
        Assert.NotNull(plan.Reports);
        await _app.Runs.ApplyAsync(run.Id, 1, [new JournalEntry(known + 1, DateTimeOffset.UnixEpoch, runEvent)]);
    }
}

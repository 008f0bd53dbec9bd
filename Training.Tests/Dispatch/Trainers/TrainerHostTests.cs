using Dashboard.Dispatch.Trainers;
using Dashboard.Protocol;
using Dashboard.Runs;
using Dashboard.Storage;
using Training.Core.Runs;
using Training.Tests.TestKit;

namespace Training.Tests.Dispatch.Trainers;

[TakesLong]
public sealed class TrainerHostTests
{
    [Fact]
    public async Task Run_FromStartToEnd_IsStoredWholeAndOnce()
    {
        await using var story = await TrainerStory.BeginAsync();

        var exitCode = await story.Trainer(FakeTraining.Of(2000)).RunAsync();

        Assert.Equal(TrainerExitCode.Done, exitCode);
        Assert.Equal(Enumerable.Range(1, 2000), await story.StepsAsync());
        Assert.Equal(200, (await story.App.Runs.EpochsAsync(story.Run.Id)).Count);
        var run = await story.StateAsync();
        Assert.Equal((RunState.Completed, "All epochs are done"), (run.State, run.Reason));
    }

    [Fact]
    public async Task Run_AskedToStop_EndsStoppedAndKeepsItsSteps()
    {
        await using var story = await TrainerStory.BeginAsync();
        var training = story.Trainer(FakeTraining.Endless).RunAsync();
        await Eventually.TrueAsync(async () => (await story.StateAsync()).Epoch >= 1, "an epoch is stored");

        await story.StopAsync();
        await training;

        var run = await story.StateAsync();
        Assert.Equal((RunState.Stopped, "Stopped by you"), (run.State, run.Reason));
        Assert.Equal(story.Journal().Count(entry => entry.Event is StepCompleted), (await story.StepsAsync()).Count);
    }

    [Fact]
    public async Task Run_AskedToStopBeforeItsTrainerAttached_StopsAtOnce()
    {
        await using var story = await TrainerStory.BeginAsync();
        await story.StopAsync();

        await story.Trainer(FakeTraining.Endless).RunAsync();

        Assert.Equal(RunState.Stopped, (await story.StateAsync()).State);
    }

    [Fact]
    public async Task Run_AskedToPause_EndsPausedAndItsTrainerIsRefusedAfterwards()
    {
        await using var story = await TrainerStory.BeginAsync();
        var training = story.Trainer((request, cancellationToken) =>
        {
            FakeTraining.Step(request, 1);
            story.Paused.Task.Wait(cancellationToken);
            return FakeTraining.End(request, RunOutcome.Paused, "Paused in epoch 1 after step 1.");
        }).RunAsync();
        await Eventually.TrueAsync(async () => (await story.StateAsync()).Step == 1, "the first step is stored");

        Assert.True((await story.App.Get<RunService>().PauseAsync(story.Run.Id)).IsDone);
        await training;

        var run = await story.StateAsync();
        Assert.Equal((RunState.Paused, "Paused in epoch 1 after step 1."), (run.State, run.Reason));
        Assert.NotNull(run.EndedAt);
        await Assert.ThrowsAsync<StaleAttemptException>(() => story.App.Runs.ApplyAsync(
            run.Id, run.Attempt,
            [new JournalEntry(story.Journal()[^1].Sequence + 1, DateTimeOffset.UnixEpoch, new Logged(RunLogLevel.Information, "late"))]));
    }

    [Fact]
    public async Task Run_AskedToStopInALongStep_IsLeftInTheMiddleOfIt()
    {
        await using var story = await TrainerStory.BeginAsync();
        using var step = new ManualResetEventSlim();
        var trainer = story.Trainer((request, _) =>
        {
            FakeTraining.Step(request, 1);
            step.Wait(CancellationToken.None);
            return FakeTraining.End(request, RunOutcome.Completed, "Too late");
        });
        var training = trainer.RunAsync();
        await Eventually.TrueAsync(async () => (await story.StateAsync()).Step == 1, "the first step is stored");

        await story.StopAsync();
        await training;
        step.Set();

        Assert.True(trainer.IsAbandoned);
        var run = await story.StateAsync();
        Assert.Equal((RunState.Stopped, "Stopped in the middle of a step"), (run.State, run.Reason));
    }

    [Fact]
    public async Task Dashboard_AwayWhileARunTrains_NoEventIsLostOrDoubled()
    {
        await using var story = await TrainerStory.BeginAsync();
        using var cancellation = new CancellationTokenSource();
        var training = story.Trainer(FakeTraining.Endless).RunAsync(cancellation.Token);
        await Eventually.TrueAsync(async () => (await story.StateAsync()).Step > 20, "steps arrive");
        var folder = story.Folder;

        await story.RestartDashboardAsync(async () =>
        {
            var before = Journal.Read(folder.Journal(1))[^1].Sequence;
            await Eventually.TrueAsync(() => Journal.Read(folder.Journal(1))[^1].Sequence > before + 50, "the training goes on");
        });
        var cutOffAt = story.Journal()[^1].Sequence;
        await Eventually.TrueAsync(async () => (await story.App.Runs.AttemptAsync(story.Run.Id, 1))!.Value.Attempt.LastSequence > cutOffAt,
            "the trainer is back");
        await cancellation.CancelAsync();
        await training;

        Assert.Equal(
            story.Journal().Select(entry => entry.Event).OfType<StepCompleted>().Select(step => step.Step),
            await story.StepsAsync());
        Assert.Equal(RunState.Stopped, (await story.StateAsync()).State);
    }

    [Fact]
    public async Task Attempt_EndedByTheDashboard_StopsItsTrainer()
    {
        await using var story = await TrainerStory.BeginAsync();
        var training = story.Trainer(FakeTraining.Endless).RunAsync();
        await Eventually.TrueAsync(async () => (await story.StateAsync()).Step > 1, "steps arrive");

        await story.App.Runs.FailAsync(story.Run.Id, 1, "Given up by a test");

        await training.WaitAsync(TimeSpan.FromSeconds(60));
        Assert.IsType<Ended>(story.Journal()[^1].Event);
        Assert.Equal("Given up by a test", (await story.StateAsync()).Reason);
    }

    [Fact]
    public async Task Trainer_WithAWrongSecret_TrainsOnButStoresNothing()
    {
        await using var story = await TrainerStory.BeginAsync();
        using var cancellation = new CancellationTokenSource();
        var training = story.Trainer(FakeTraining.Endless, AttemptToken.Create()).RunAsync(cancellation.Token);
        await Eventually.TrueAsync(() => story.Log.ToString().Contains("knows no attempt", StringComparison.Ordinal),
            "the trainer says that it is refused");

        var before = story.Journal().Count;
        await Eventually.TrueAsync(() => story.Journal().Count > before + 20, "the training goes on");

        Assert.Empty(await story.StepsAsync());
        await cancellation.CancelAsync();
        await story.App.Runs.FailAsync(story.Run.Id, 1, "Over");
        await training;
    }

    [Fact]
    public async Task Training_ThatThrows_FailsWithItsMessage()
    {
        await using var story = await TrainerStory.BeginAsync();

        var exitCode = await story.Trainer((_, _) => throw new InvalidOperationException("The moon is full.")).RunAsync();

        Assert.Equal(TrainerExitCode.Done, exitCode);
        var run = await story.StateAsync();
        Assert.Equal((RunState.Failed, "The moon is full."), (run.State, run.Reason));
    }

    [Fact]
    public async Task Training_ThatReturnsWithoutAnEnd_Fails()
    {
        await using var story = await TrainerStory.BeginAsync();

        await story.Trainer((_, _) => new Ended(RunOutcome.Completed, "", null, null, 0)).RunAsync();

        Assert.Equal(RunState.Failed, (await story.StateAsync()).State);
    }

    [Fact]
    public async Task Recipe_ThatIsMissing_FailsTheRunAndNamesTheFile()
    {
        await using var story = await TrainerStory.BeginAsync();
        File.Delete(story.Folder.Recipe);

        await story.Trainer(FakeTraining.Of(10)).RunAsync();

        var run = await story.StateAsync();
        Assert.Equal(RunState.Failed, run.State);
        Assert.Contains("recipe.json", run.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Journal_ThatBreaksMeanwhile_IsSaidByTheExitCodeAndWhatItHoldsArrives()
    {
        await using var story = await TrainerStory.BeginAsync();

        var exitCode = await story.Trainer((request, _) =>
        {
            FakeTraining.Step(request, 1);
            throw new RunSinkException("No space left on device", new IOException());
        }).RunAsync();

        Assert.Equal(TrainerExitCode.JournalBroken, exitCode);
        Assert.Equal([1], await story.StepsAsync());
    }

    [Fact]
    public async Task Journal_ThatCantBeWritten_IsSaidByTheExitCode()
    {
        await using var story = await TrainerStory.BeginAsync();
        Directory.CreateDirectory(story.Folder.Journal(1));

        var exitCode = await story.Trainer(FakeTraining.Of(10)).RunAsync();

        Assert.Equal(TrainerExitCode.JournalBroken, exitCode);
        Assert.Contains("can't be written", story.Log.ToString(), StringComparison.Ordinal);
    }
}

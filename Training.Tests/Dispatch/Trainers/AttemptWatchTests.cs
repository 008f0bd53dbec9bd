using Dashboard.Dispatch.Trainers;
using Dashboard.Storage;
using Training.Core.Runs;

namespace Training.Tests.Dispatch.Trainers;

public sealed class AttemptWatchTests
{
    [Fact]
    public async Task DeadTrainer_WithUnsentEvents_TheyAreTakenFromItsJournalAndTheRunGoesOn()
    {
        await using var story = await TrainerStory.BeginAsync();
        Write(story, [new TrainingStarted(5, 10, 80, 20, "cpu", "fp32"), Step(1), Step(2), Step(3)]);
        await File.WriteAllTextAsync(story.Folder.TrainerLog, "the last words\n");

        await story.App.Get<AttemptWatch>().SettleAsync(story.Run.Id, 1, 137, false, CancellationToken.None);

        Assert.Equal([1, 2, 3], await story.StepsAsync());
        var run = await story.StateAsync();
        Assert.Equal(RunState.Queued, run.State);
        Assert.Contains("killed (signal 9)", run.Reason, StringComparison.Ordinal);
        Assert.Contains("It starts again by itself: attempt 2.", run.Reason, StringComparison.Ordinal);
        var attempt = Assert.Single(await story.App.Runs.AttemptsAsync(story.Run.Id));
        Assert.True(attempt.Died);
        Assert.EndsWith("the last words", attempt.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task DeadTrainer_ThatHadFinishedMeanwhile_IsCompleted()
    {
        await using var story = await TrainerStory.BeginAsync();
        Write(story, [new TrainingStarted(1, 1, 80, 20, "cpu", "fp32"), Step(1), new Ended(RunOutcome.Completed, "All done", 1, 0.9, 3)]);

        await story.App.Get<AttemptWatch>().SettleAsync(story.Run.Id, 1, null, null, CancellationToken.None);

        var run = await story.StateAsync();
        Assert.Equal((RunState.Completed, "All done"), (run.State, run.Reason));
    }

    [Fact]
    public async Task DeadTrainer_ThatWasAskedToStop_IsStoppedAndItsJournalSaysSo()
    {
        await using var story = await TrainerStory.BeginAsync();
        Write(story, [new TrainingStarted(5, 1, 80, 20, "cpu", "fp32"), Step(1),
            new EpochCompleted(1, 1, 0.5, 0.4, 0.75, 10, 20, 1, true)]);
        await story.StopAsync();

        await story.App.Get<AttemptWatch>().SettleAsync(story.Run.Id, 1, 137, false, CancellationToken.None);

        var run = await story.StateAsync();
        Assert.Equal(RunState.Stopped, run.State);
        Assert.Contains("the weights of epoch 1 are kept", run.Reason, StringComparison.Ordinal);
        Assert.Equal(RunOutcome.Stopped, Assert.IsType<Ended>(story.Journal()[^1].Event).Outcome);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task DeadTrainer_WhoseJournalHoldsWhatCantBe_FailsAndSaysWhat(bool stopped)
    {
        await using var story = await TrainerStory.BeginAsync();
        Write(story, [new TrainingStarted(5, 10, 80, 20, "cpu", "fp32"), new StepCompleted(1, int.MaxValue, 0.5, 0.001, 30)]);
        if (stopped) await story.StopAsync();

        await story.App.Get<AttemptWatch>().SettleAsync(story.Run.Id, 1, 137, false, CancellationToken.None);

        Assert.Empty(await story.StepsAsync());
        var run = await story.StateAsync();
        Assert.True(run.State.IsEnded());
        if (!stopped)
            Assert.Contains("Its trainer reported what can't be: entries[1].event.step is 2147483647", run.Reason,
                StringComparison.Ordinal);
    }

    [Fact]
    public async Task DeadTrainer_BeforeItWroteAnything_Fails()
    {
        await using var story = await TrainerStory.BeginAsync();

        await story.App.Get<AttemptWatch>().SettleAsync(story.Run.Id, 1, 127, false, CancellationToken.None);

        var run = await story.StateAsync();
        Assert.Equal((RunState.Failed, "The trainer could not be started. Its log is empty."), (run.State, run.Reason));
    }

    [Fact]
    public async Task DeadTrainer_WithADamagedJournal_StillGetsItsEnd()
    {
        await using var story = await TrainerStory.BeginAsync();
        Write(story, [Step(1)]);
        await File.AppendAllTextAsync(story.Folder.Journal(1), "garbage\nmore garbage\n");

        await story.App.Get<AttemptWatch>().SettleAsync(story.Run.Id, 1, 137, false, CancellationToken.None);

        Assert.Equal(RunState.Queued, (await story.StateAsync()).State);
    }

    [Fact]
    public async Task DeadTrainer_OfAFullDisk_FailsAtOnce()
    {
        await using var story = await TrainerStory.BeginAsync();

        await story.App.Get<AttemptWatch>().SettleAsync(story.Run.Id, 1, TrainerExitCode.JournalBroken, false, CancellationToken.None);

        var run = await story.StateAsync();
        Assert.Equal(RunState.Failed, run.State);
        Assert.Contains("Free some space", run.Reason, StringComparison.Ordinal);
    }

    private static StepCompleted Step(int step) => new(1, step, 0.5, 0.001, 30);

    private static void Write(TrainerStory story, IReadOnlyList<RunEvent> events)
    {
        using var journal = Journal.Open(story.Folder.Journal(1), TimeProvider.System);
        foreach (var runEvent in events) journal.Append(runEvent);
    }
}

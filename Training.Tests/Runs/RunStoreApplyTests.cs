using Dashboard.Runs;
using Dashboard.Storage;
using Microsoft.EntityFrameworkCore;
using Training.Core.Runs;
using Training.Tests.TestKit;

namespace Training.Tests.Runs;

/// <summary>Over SQLite; RunStoreOnPostgresTests runs the same over PostgreSQL.</summary>
public class RunStoreApplyTests
{
    [SkippableFact]
    public async Task Apply_TrainingStarted_MovesTheRunToTraining()
    {
        await using var store = await OpenAsync();
        var run = await store.PreparingAsync();

        var stored = await store.Runs.ApplyAsync(run.Id, 1, store.Entries(1, new TrainingStarted(4, 10, 320, 80, "cpu", "bf16")));

        run = (await store.Runs.GetAsync(run.Id))!;
        Assert.Equal(1, stored);
        Assert.Equal(RunState.Training, run.State);
        Assert.Equal("Training on cpu (bf16)", run.Reason);
        Assert.Equal((4, 10, 320, 80), (run.Epochs, run.StepsPerEpoch, run.TrainSamples, run.ValSamples));
    }

    [SkippableFact]
    public async Task Apply_SameBatchTwice_StoresItOnce()
    {
        await using var store = await OpenAsync();
        var run = await store.TrainingAsync();
        var batch = store.Entries(2, [.. TestStore.Steps(1, 10), new Logged(RunLogLevel.Information, "half way")]);

        await store.Runs.ApplyAsync(run.Id, 1, batch);
        var again = await store.Runs.ApplyAsync(run.Id, 1, batch);

        Assert.Equal(12, again);
        Assert.Equal(10, (await store.Runs.StepsAsync(run.Id, 0, 100)).Count);
        Assert.Single(await store.Runs.LogAsync(run.Id));
    }

    [SkippableFact]
    public async Task Apply_OverlappingBatches_StoresEachEntryOnce()
    {
        await using var store = await OpenAsync();
        var run = await store.TrainingAsync();
        var entries = store.Entries(2, TestStore.Steps(1, 30));

        await store.Runs.ApplyAsync(run.Id, 1, [.. entries.Take(20)]);
        var last = await store.Runs.ApplyAsync(run.Id, 1, [.. entries.Skip(10)]);

        Assert.Equal(31, last);
        Assert.Equal(Enumerable.Range(1, 30), (await store.Runs.StepsAsync(run.Id, 0, 100)).Select(step => step.Step));
    }

    [SkippableFact]
    public async Task Apply_AfterAGap_StoresNothingAndSaysWhereToGoOn()
    {
        await using var store = await OpenAsync();
        var run = await store.TrainingAsync();

        var last = await store.Runs.ApplyAsync(run.Id, 1, store.Entries(5, TestStore.Steps(4, 3)));

        Assert.Equal(1, last);
        Assert.Empty(await store.Runs.StepsAsync(run.Id, 0, 100));
    }

    [SkippableFact]
    public async Task Apply_OfAFormerAttempt_IsRefused()
    {
        await using var store = await OpenAsync();
        var run = await store.TrainingAsync();
        await using (var db = store.Database()) await db.Runs.ExecuteUpdateAsync(set => set.SetProperty(row => row.Attempt, 2));

        await Assert.ThrowsAsync<StaleAttemptException>(() => store.Runs.ApplyAsync(run.Id, 1, store.Entries(2, TestStore.Steps(1, 1))));

        Assert.Empty(await store.Runs.StepsAsync(run.Id, 0, 100));
    }

    [SkippableFact]
    public async Task Apply_AfterTheRunWasFailed_IsRefusedButKnownEntriesAreAcknowledged()
    {
        await using var store = await OpenAsync();
        var run = await store.TrainingAsync();
        await store.Runs.FailAsync(run.Id, 1, "The trainer is gone");

        await Assert.ThrowsAsync<StaleAttemptException>(() => store.Runs.ApplyAsync(run.Id, 1, store.Entries(2, TestStore.Steps(1, 1))));

        Assert.Equal(1, await store.Runs.ApplyAsync(run.Id, 1, store.Entries(1, new TrainingStarted(4, 10, 320, 80, "cpu", "fp32"))));
    }

    [SkippableFact]
    public async Task Apply_ToADeletedRun_IsRefused()
    {
        await using var store = await OpenAsync();

        await Assert.ThrowsAsync<StaleAttemptException>(() => store.Runs.ApplyAsync(77, 1, store.Entries(1, TestStore.Steps(1, 1))));
    }

    [SkippableTheory]
    [InlineData(RunOutcome.Completed, RunState.Completed)]
    [InlineData(RunOutcome.Stopped, RunState.Stopped)]
    [InlineData(RunOutcome.Failed, RunState.Failed)]
    public async Task Apply_Ended_EndsTheRunWithItsReason(RunOutcome outcome, RunState state)
    {
        await using var store = await OpenAsync();
        var run = await store.TrainingAsync();

        await store.Runs.ApplyAsync(run.Id, 1, store.Entries(2, new Ended(outcome, "For a reason", 3, 0.9, 12)));

        run = (await store.Runs.GetAsync(run.Id))!;
        Assert.Equal((state, "For a reason", 3, 0.9), (run.State, run.Reason, run.BestEpoch!.Value, run.BestValAccuracy!.Value));
        Assert.Equal(store.Clock.GetUtcNow(), run.EndedAt);
    }

    [SkippableFact]
    public async Task Apply_DivergedLosses_AreStoredAndStayVisible()
    {
        await using var store = await OpenAsync();
        var run = await store.TrainingAsync();

        await store.Runs.ApplyAsync(run.Id, 1, store.Entries(2,
            new StepCompleted(1, 1, double.NaN, 1e-2, double.NaN),
            new StepCompleted(1, 2, double.PositiveInfinity, 1e-2, 50),
            new EpochCompleted(1, 2, double.NaN, double.NaN, double.NaN, 50, 50, 1, false)));

        var steps = await store.Runs.StepsAsync(run.Id, 0, 10);
        Assert.Null(steps[0].Loss);
        Assert.Equal(double.PositiveInfinity, steps[1].Loss);
        Assert.Null((await store.Runs.EpochsAsync(run.Id)).Single().ValLoss);
    }

    [SkippableFact]
    public async Task Apply_Epochs_KeepsTheBest()
    {
        await using var store = await OpenAsync();
        var run = await store.TrainingAsync();

        await store.Runs.ApplyAsync(run.Id, 1, store.Entries(2,
            new EpochCompleted(1, 10, 0.9, 0.8, 0.70, 100, 300, 1, true),
            new EpochCompleted(2, 20, 0.5, 0.6, 0.85, 100, 300, 1, true),
            new EpochCompleted(3, 30, 0.3, 0.7, 0.80, 100, 300, 1, false)));

        run = (await store.Runs.GetAsync(run.Id))!;
        Assert.Equal((3, 2, 0.85), (run.Epoch, run.BestEpoch!.Value, run.BestValAccuracy!.Value));
        Assert.Equal([0.70, 0.85, 0.80], (await store.Runs.AccuraciesAsync([run.Id]))[run.Id]);
    }

    [SkippableFact]
    public async Task Apply_TheProbesEpoch_SaysNothingOfTheSpeedThatComes()
    {
        await using var store = await OpenAsync();
        var run = await store.TrainingAsync();

        await store.Runs.ApplyAsync(run.Id, 1, store.Entries(2, new EpochCompleted(0, 0, 0.4, 0.4, 0.88, 35_466, 300, 1, true)));

        run = (await store.Runs.GetAsync(run.Id))!;
        Assert.Equal((0.88, 0.0), (run.BestValAccuracy!.Value, run.ImagesPerSecond));
        Assert.Equal(35_466, (await store.Runs.EpochsAsync(run.Id)).Single().TrainImagesPerSecond);
    }

    [SkippableFact]
    public async Task Apply_TextWithNulCharacters_IsStoredWithoutThem()
    {
        await using var store = await OpenAsync();
        var run = await store.TrainingAsync();

        await store.Runs.ApplyAsync(run.Id, 1, store.Entries(2, new Logged(RunLogLevel.Error, "bro\0ken")));

        Assert.Equal("broken", (await store.Runs.LogAsync(run.Id)).Single().Text);
    }

    [SkippableFact]
    public async Task Apply_ManyRunsAtOnce_LosesAndDoublesNothing()
    {
        await using var store = await OpenAsync();
        var runs = new List<int>();
        for (var i = 0; i < 8; i++) runs.Add((await store.TrainingAsync($"run {i}")).Id);

        await Parallel.ForEachAsync(runs, async (runId, cancellationToken) =>
        {
            for (var batch = 0; batch < 10; batch++)
                await store.Runs.ApplyAsync(runId, 1, store.Entries(2 + batch * 25, TestStore.Steps(1 + batch * 25, 25)),
                    cancellationToken);
        });

        foreach (var runId in runs)
            Assert.Equal(Enumerable.Range(1, 250), (await store.Runs.StepsAsync(runId, 0, 1000)).Select(step => step.Step));
    }

    [SkippableFact]
    public async Task Apply_SurvivesARestart()
    {
        using var folder = new TemporaryFolder();
        int runId;
        var database = await NewDatabaseAsync();
        await using (var before = await TestStore.OpenAsync(folder.Path, database))
        {
            runId = (await before.TrainingAsync()).Id;
            await before.Runs.ApplyAsync(runId, 1, before.Entries(2, TestStore.Steps(1, 5)));
        }

        await using var after = await TestStore.OpenAsync(folder.Path, database);
        var last = await after.Runs.ApplyAsync(runId, 1, after.Entries(2, TestStore.Steps(1, 8)));

        Assert.Equal(9, last);
        Assert.Equal(8, (await after.Runs.StepsAsync(runId, 0, 100)).Count);
    }

    /// <summary>Connection string of an empty PostgreSQL database; empty: SQLite.</summary>
    protected virtual Task<string> NewDatabaseAsync() => Task.FromResult("");

    private async Task<TestStore> OpenAsync() => await TestStore.OpenAsync(postgres: await NewDatabaseAsync());
}

using Dashboard.Runs;
using Dashboard.Storage;
using Training.Core.Runs;
using Training.Tests.TestKit;

namespace Training.Tests.Runs;

/// <summary>Over SQLite; RunStoreOnPostgresTests runs the same over PostgreSQL.</summary>
public partial class RunStoreTests
{
    [SkippableFact]
    public async Task Contact_LostAndFoundAgain_IsNotedOnce()
    {
        await using var store = await OpenAsync();
        var run = await store.TrainingAsync();
        var since = store.Clock.GetUtcNow();

        Assert.True(await store.Runs.SetContactAsync(run.Id, 1, since, default));
        Assert.False(await store.Runs.SetContactAsync(run.Id, 1, since, default));
        Assert.False(await store.Runs.SetContactAsync(run.Id, 2, null, default));
        Assert.Equal(since, (await store.Runs.GetAsync(run.Id))!.LostContactAt);
        await store.Runs.ApplyAsync(run.Id, 1, store.Entries(2, TestStore.Steps(1, 1)));
        Assert.Null((await store.Runs.GetAsync(run.Id))!.LostContactAt);
    }

    [SkippableFact]
    public async Task TakeNext_FromManySides_GivesEachRunOnce()
    {
        await using var store = await OpenAsync();
        for (var i = 0; i < 20; i++) await store.QueueAsync($"run {i}");

        var taken = await Task.WhenAll(Enumerable.Range(0, 30).Select(i => Task.Run(() => store.Runs.TakeNextAsync($"box {i}", "hash"))));

        Assert.Equal(20, taken.Where(run => run is not null).Select(run => run!.Id).Distinct().Count());
        Assert.Equal(10, taken.Count(run => run is null));
    }

    [SkippableFact]
    public async Task List_HasLiveOnesFirstThenTheQueueThenTheNewestEnded()
    {
        await using var store = await OpenAsync();
        var older = await store.TrainingAsync("older");
        await store.Runs.FailAsync(older.Id, 1, "gone");
        store.Clock.Advance(TimeSpan.FromMinutes(1));
        var newer = await store.TrainingAsync("newer");
        await store.Runs.FailAsync(newer.Id, 1, "gone");
        var live = await store.TrainingAsync("live");
        var next = await store.QueueAsync("next");
        var last = await store.QueueAsync("last");

        var runs = await store.Runs.ListAsync();

        Assert.Equal([live.Id, next.Id, last.Id, newer.Id, older.Id], runs.Select(run => run.Id));
        Assert.Equal("Waiting: 1 run before it", runs[1].Reason);
        Assert.Equal("Waiting: 2 runs before it", runs[2].Reason);
        Assert.Equal("Waiting: 2 runs before it", (await store.Runs.GetAsync(last.Id))!.Reason);
    }

    [SkippableFact]
    public async Task Fail_EndsALiveRunOnce()
    {
        await using var store = await OpenAsync();
        var run = await store.TrainingAsync();

        Assert.True(await store.Runs.FailAsync(run.Id, 1, "The trainer was killed (signal 9)"));
        Assert.False(await store.Runs.FailAsync(run.Id, 1, "again"));

        run = (await store.Runs.GetAsync(run.Id))!;
        Assert.Equal((RunState.Failed, "The trainer was killed (signal 9)"), (run.State, run.Reason));
    }

    [SkippableFact]
    public async Task Fail_AfterARequestToStop_MeansStopped()
    {
        await using var store = await OpenAsync();
        var run = await store.TrainingAsync();
        await store.Runs.RequestStopAsync(run.Id, default);

        await store.Runs.FailAsync(run.Id, 1, "It did not end by itself and was ended");

        Assert.Equal(RunState.Stopped, (await store.Runs.GetAsync(run.Id))!.State);
    }

    [SkippableFact]
    public async Task Die_WithoutProgressThreeTimes_FailsAndProgressStartsTheCountAgain()
    {
        await using var store = await OpenAsync();
        var run = await store.TrainingAsync();

        await DieAsync(1, RunState.Queued);
        await DieAsync(2, RunState.Queued);
        // The third attempt gets a step further before it dies.
        await store.Runs.TakeNextAsync(TestStore.Machine, "hash");
        await store.Runs.ApplyAsync(run.Id, 3, [new JournalEntry(1, store.Clock.GetUtcNow(), new StepCompleted(1, 500, 0.4, 0.001, 30))]);
        Assert.True(await store.Runs.DieAsync(run.Id, 3, "killed", hasCheckpoint: true));
        for (var attempt = 4; attempt <= 5; attempt++) await DieAsync(attempt, RunState.Queued);
        await DieAsync(6, RunState.Failed);

        run = (await store.Runs.GetAsync(run.Id))!;
        Assert.Equal("It died 3 times in a row without getting any further. killed", run.Reason);
        var attempts = await store.Runs.AttemptsAsync(run.Id);
        Assert.Equal(6, attempts.Count(attempt => attempt is { Died: true, EndedAt: not null }));
        Assert.Equal([500, 500, 500], attempts.Skip(3).Select(attempt => attempt.FirstStep));

        async Task DieAsync(int attempt, RunState expected)
        {
            if (attempt > 1) Assert.Equal(attempt, (await store.Runs.TakeNextAsync(TestStore.Machine, "hash"))!.Attempt);
            Assert.True(await store.Runs.DieAsync(run.Id, attempt, "killed", hasCheckpoint: true));
            Assert.False(await store.Runs.DieAsync(run.Id, attempt, "again", hasCheckpoint: true));
            Assert.Equal(expected, (await store.Runs.GetAsync(run.Id))!.State);
        }
    }

    [SkippableTheory]
    [InlineData(true, RunState.Stopped)]
    [InlineData(false, RunState.Paused)]
    public async Task Die_OfARunThatWasToEnd_GoesNoFurther(bool stops, RunState expected)
    {
        await using var store = await OpenAsync();
        var run = await store.TrainingAsync();
        if (stops) await store.Runs.RequestStopAsync(run.Id, default);
        else await store.Runs.RequestPauseAsync(run.Id, default);

        await store.Runs.DieAsync(run.Id, 1, "killed", hasCheckpoint: true);

        Assert.Equal(expected, (await store.Runs.GetAsync(run.Id))!.State);
    }

    [SkippableFact]
    public async Task LiveOn_GivesThisMachinesLiveRunsWithTheirProcess()
    {
        await using var store = await OpenAsync();
        var run = await store.TrainingAsync();
        await store.Runs.SetProcessAsync(run.Id, 1, 4711, 123_456);
        var ended = await store.TrainingAsync("ended");
        await store.Runs.FailAsync(ended.Id, 1, "gone");

        var live = await store.Runs.LiveOnAsync(TestStore.Machine);

        var (found, attempt) = Assert.Single(live);
        Assert.Equal((run.Id, 4711, 123_456L), (found.Id, attempt.ProcessId!.Value, attempt.ProcessStart!.Value));
        Assert.Empty(await store.Runs.LiveOnAsync("another"));
    }

    [SkippableFact]
    public async Task RequestStop_OfAQueuedRun_EndsItAtOnce()
    {
        await using var store = await OpenAsync();
        var run = await store.QueueAsync();

        Assert.True((await store.Runs.RequestStopAsync(run.Id, default)).IsTaken);

        Assert.Equal((RunState.Stopped, "Stopped before it started"),
            ((await store.Runs.GetAsync(run.Id))!.State, (await store.Runs.GetAsync(run.Id))!.Reason));
        Assert.Null(await store.Runs.TakeNextAsync("box", "hash"));
    }

    [SkippableTheory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task RequestStopOrPause_WhileQueuedAgainAfterAPause_CountsNoPauseAsDuration(bool stops)
    {
        await using var store = await OpenAsync();
        var run = await store.TrainingAsync();
        var worked = store.Clock.GetUtcNow() + TimeSpan.FromSeconds(10) - (await store.Runs.GetAsync(run.Id))!.StartedAt;
        store.Clock.Advance(TimeSpan.FromSeconds(10));
        await store.Runs.FailAsync(run.Id, 1, "killed");
        store.Clock.Advance(TimeSpan.FromHours(1));
        Assert.True(await store.Runs.ResumeAsync(run.Id, default));
        store.Clock.Advance(TimeSpan.FromHours(1));

        Assert.True((stops ? await store.Runs.RequestStopAsync(run.Id, default)
            : await store.Runs.RequestPauseAsync(run.Id, default)).IsTaken);

        run = (await store.Runs.GetAsync(run.Id))!;
        Assert.Equal(stops ? RunState.Stopped : RunState.Paused, run.State);
        Assert.Equal(worked, RunProgress.Of(run, store.Clock.GetUtcNow()).Elapsed);
    }

    [SkippableFact]
    public async Task Add_WhoseFilesFail_StoresNothing()
    {
        await using var store = await OpenAsync();
        var run = new Dashboard.Storage.RunRow { Name = "x", DatasetName = "x", RecipeJson = "{}" };

        await Assert.ThrowsAsync<IOException>(() => store.Runs.AddAsync(run, _ => throw new IOException("disk full"), default));

        Assert.Empty(await store.Runs.ListAsync());
    }

    [SkippableFact]
    public async Task Remove_TakesAllRowsAlongButNeverALiveRun()
    {
        await using var store = await OpenAsync();
        var run = await store.TrainingAsync();
        await store.Runs.ApplyAsync(run.Id, 1, store.Entries(2, [.. TestStore.Steps(1, 3), new Logged(RunLogLevel.Error, "x")]));

        Assert.False(await store.Runs.RemoveAsync(run.Id, default));
        await store.Runs.FailAsync(run.Id, 1, "gone");
        Assert.True(await store.Runs.RemoveAsync(run.Id, default));

        await using var db = store.Database();
        Assert.Equal(0, db.Runs.Count() + db.Steps.Count() + db.Logs.Count() + db.Attempts.Count());
    }

    [SkippableFact]
    public async Task Id_OfADeletedRun_IsNeverGivenAgain()
    {
        await using var store = await OpenAsync();
        var run = await store.QueueAsync();
        await store.Runs.RemoveAsync(run.Id, default);

        Assert.True((await store.QueueAsync()).Id > run.Id);
    }

    /// <summary>Connection string of an empty PostgreSQL database; empty: SQLite.</summary>
    protected virtual Task<string> NewDatabaseAsync() => Task.FromResult("");

    private async Task<TestStore> OpenAsync() => await TestStore.OpenAsync(postgres: await NewDatabaseAsync());
}

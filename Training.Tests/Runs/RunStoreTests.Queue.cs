using Dashboard.Storage;
using Training.Core.Recipes;

namespace Training.Tests.Runs;

// What waits, and who gets it.
public partial class RunStoreTests
{
    [SkippableFact]
    public async Task TakeNext_TakesTheOldestQueuedRunWithANewAttempt()
    {
        await using var store = await OpenAsync();
        var first = await store.QueueAsync("first");
        await store.QueueAsync("second");

        var taken = await store.Runs.TakeNextAsync("box", "hash");

        Assert.Equal((first.Id, RunState.Preparing, 1), (taken!.Id, taken.State, taken.Attempt));
        Assert.Equal("Launching the trainer", taken.Reason);
        Assert.Equal("hash", (await store.Runs.AttemptAsync(first.Id, 1))!.Value.Attempt.TokenHash);
    }

    [SkippableFact]
    public async Task TakeNext_WithAnEmptyQueue_GivesNull()
    {
        await using var store = await OpenAsync();

        Assert.Null(await store.Runs.TakeNextAsync("box", "hash"));
    }

    [SkippableFact]
    public async Task TakeNext_LeavesRunsOfOtherMachines()
    {
        await using var store = await OpenAsync();
        await store.QueueAsync("for another", machine: "bigbox");
        var mine = await store.QueueAsync("for any");

        Assert.Equal(mine.Id, (await store.Runs.TakeNextAsync("box", "hash"))!.Id);
        Assert.Null(await store.Runs.TakeNextAsync("box", "hash"));
    }

    [SkippableFact]
    public async Task TakeNext_OfARunForAGpu_IsGivenToAGpuOnly()
    {
        await using var store = await OpenAsync();
        var forGpu = await store.QueueAsync("for a GPU", machine: Recipe.AnyGpu);
        var forCpu = await store.QueueAsync("for a processor", machine: Recipe.AnyCpu);

        Assert.Equal(forCpu.Id, (await store.Runs.TakeNextAsync("box", "hash", "cpu"))!.Id);
        Assert.Null(await store.Runs.TakeNextAsync("box", "hash", "cpu"));
        Assert.Equal(forGpu.Id, (await store.Runs.TakeNextAsync("box", "hash", "cuda:1"))!.Id);
    }

    [SkippableFact]
    public async Task MoveInQueue_ChangesTheOrderInWhichRunsAreTakenAndLaterOnesComeLast()
    {
        await using var store = await OpenAsync();
        var (one, two, three) = (await store.QueueAsync("one"), await store.QueueAsync("two"), await store.QueueAsync("three"));

        Assert.True(await store.Runs.MoveInQueueAsync(three.Id, null, default));
        Assert.True(await store.Runs.MoveInQueueAsync(two.Id, one.Id, default));
        Assert.False(await store.Runs.MoveInQueueAsync(two.Id, 999, default));
        var later = await store.QueueAsync("later");

        Assert.Equal([three.Id, two.Id, one.Id, later.Id], (await store.Runs.ListAsync()).Select(run => run.Id));
        Assert.Equal([three.Id, two.Id, one.Id, later.Id], (await store.Runs.PageAsync(runs => runs, 0, 10)).Runs.Select(run => run.Id));
        foreach (var expected in (int[])[three.Id, two.Id, one.Id, later.Id])
            Assert.Equal(expected, (await store.Runs.TakeNextAsync("box", "hash"))!.Id);
        Assert.False(await store.Runs.MoveInQueueAsync(one.Id, null, default));
    }

    [SkippableFact]
    public async Task Priority_ComesBeforePlaceInEveryViewOfTheQueue()
    {
        await using var store = await OpenAsync();
        var (one, two, three) = (await store.QueueAsync("one"), await store.QueueAsync("two"), await store.QueueAsync("three"));

        Assert.True(await store.Runs.SetPriorityAsync(three.Id, RunPriority.High, default));
        Assert.True(await store.Runs.SetPriorityAsync(one.Id, RunPriority.Low, default));

        int[] expected = [three.Id, two.Id, one.Id];
        Assert.Equal(expected, (await store.Runs.ListAsync()).Select(run => run.Id));
        var page = await store.Runs.PageAsync(runs => runs, 0, 10);
        Assert.Equal(expected, page.Runs.Select(run => run.Id));
        Assert.Equal([1, 2, 3], expected.Select(id => page.Places[id]));
        Assert.Equal("Waiting: 2 runs before it", (await store.Runs.GetAsync(one.Id))!.Reason);
        foreach (var id in expected) Assert.Equal(id, (await store.Runs.TakeNextAsync("box", "hash"))!.Id);
    }

    [SkippableFact]
    public async Task MoveInQueue_BeforeARunOfAnotherPriority_TakesThatPriority()
    {
        await using var store = await OpenAsync();
        var (low, normal, high) = (await store.QueueAsync("low"), await store.QueueAsync("normal"), await store.QueueAsync("high"));
        await store.Runs.SetPriorityAsync(low.Id, RunPriority.Low, default);
        await store.Runs.SetPriorityAsync(high.Id, RunPriority.High, default);

        await store.Runs.MoveInQueueAsync(high.Id, low.Id, default);
        Assert.Equal([(normal.Id, RunPriority.Normal), (high.Id, RunPriority.Low), (low.Id, RunPriority.Low)], await OrderAsync());
        await store.Runs.MoveInQueueAsync(low.Id, null, default);
        Assert.Equal([(low.Id, RunPriority.Normal), (normal.Id, RunPriority.Normal), (high.Id, RunPriority.Low)], await OrderAsync());

        async Task<IEnumerable<(int, RunPriority)>> OrderAsync() => (await store.Runs.ListAsync()).Select(run => (run.Id, run.Priority));
    }

    [SkippableFact]
    public async Task Priority_OfARunThatHasEnded_IsRefused()
    {
        await using var store = await OpenAsync();
        var run = await store.QueueAsync();
        await store.Runs.RequestStopAsync(run.Id, default);

        Assert.False(await store.Runs.SetPriorityAsync(run.Id, RunPriority.High, default));
    }
}

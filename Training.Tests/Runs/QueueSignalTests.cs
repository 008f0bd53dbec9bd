using Training.Core.Recipes;
using Training.Core.Runs;
using Training.Tests.Processes;
using Training.Tests.TestKit;

namespace Training.Tests.Runs;

/// <summary>What the store calls a move of the queue, and what it doesn't.</summary>
public sealed class QueueSignalTests
{
    /// <summary>Each makes what it needs, and returns the act itself.</summary>
    private static readonly Dictionary<string, Func<TestStore, Task<Func<Task>>>> Moves = new()
    {
        ["queued"] = store => Act(() => store.QueueAsync()),
        ["taken"] = async store =>
        {
            await store.QueueAsync();
            return () => store.Runs.TakeNextAsync("box", "hash");
        },
        ["ended"] = async store =>
        {
            var run = await store.TrainingAsync();
            var ended = new Ended(RunOutcome.Completed, "All epochs are done", null, null, 12);
            return () => store.Runs.ApplyAsync(run.Id, 1, store.Entries(2, ended));
        },
        ["failed"] = async store =>
        {
            var run = await store.TrainingAsync();
            return () => store.Runs.FailAsync(run.Id, 1, "gone");
        },
        ["died"] = async store =>
        {
            var run = await store.TrainingAsync();
            return () => store.Runs.DieAsync(run.Id, 1, "gone", hasCheckpoint: true);
        },
        ["handed back"] = async store =>
        {
            var run = await store.PreparingAsync();
            return () => store.Runs.HandBackAsync(run.Id, 1, "refused", default);
        },
        ["paused"] = async store =>
        {
            var run = await store.QueueAsync();
            return () => store.Runs.RequestPauseAsync(run.Id, default);
        },
        ["resumed"] = async store =>
        {
            var run = await store.QueueAsync();
            await store.Runs.RequestPauseAsync(run.Id, default);
            return () => store.Runs.ResumeAsync(run.Id, default);
        },
        ["stopped"] = async store =>
        {
            var run = await store.QueueAsync();
            return () => store.Runs.RequestStopAsync(run.Id, default);
        },
        ["deleted"] = async store =>
        {
            var run = await store.QueueAsync();
            return () => store.Runs.RemoveAsync(run.Id, default);
        },
        ["moved"] = async store =>
        {
            await store.QueueAsync("one");
            var run = await store.QueueAsync("other");
            return () => store.Runs.MoveInQueueAsync(run.Id, null, default);
        },
        ["another priority"] = async store =>
        {
            var run = await store.QueueAsync();
            return () => store.Runs.SetPriorityAsync(run.Id, RunPriority.High, default);
        },
    };

    public static TheoryData<string> Acts => [.. Moves.Keys];

    [Theory]
    [MemberData(nameof(Acts))]
    public async Task Act_ThatMovesTheQueue_IsToldWhoeverWaitsForIt(string act)
    {
        await using var store = await TestStore.OpenAsync();
        var move = await Moves[act](store);
        var calls = new ListenerCalls();
        using var subscription = store.Feed.SubscribeToQueue(calls.AddAsync);

        await move();

        await calls.WaitForAsync(1);
    }

    [Fact]
    public async Task Priority_OfOneThatWaits_IsToldTheOthersThatWait()
    {
        await using var store = await TestStore.OpenAsync();
        var (first, second) = (await store.QueueAsync("first"), await store.QueueAsync("second"));
        var calls = new ListenerCalls();
        using var subscription = store.Feed.Subscribe(first.Id, calls.AddAsync);

        await store.Runs.SetPriorityAsync(second.Id, RunPriority.High, default);

        // It has one more before it.
        await calls.WaitForAsync(1);
    }

    [Fact]
    public async Task Run_ThatReportsThousandsOfSteps_DoesNotMoveTheQueue()
    {
        await using var store = await TestStore.OpenAsync();
        var run = await store.TrainingAsync();
        await store.QueueAsync("waits");
        var (moves, changes) = (0, 0);
        store.Feed.QueueMovedHere += () => moves++;
        store.Feed.ChangedHere += _ => changes++;

        for (var batch = 0; batch < 40; batch++)
            await store.Runs.ApplyAsync(run.Id, 1, store.Entries(2 + batch * 100, TestStore.Steps(1 + batch * 100, 100)));

        Assert.Equal((0, 40), (moves, changes));
    }

    [Fact]
    public async Task Wishes_AboutARunThatTrains_DoNotMoveTheQueue()
    {
        await using var store = await TestStore.OpenAsync();
        var run = await store.TrainingAsync();
        var (moves, changes) = (0, 0);
        store.Feed.QueueMovedHere += () => moves++;
        store.Feed.ChangedHere += _ => changes++;

        await store.Runs.RenameAsync(run.Id, "another name", default);
        await store.Runs.SetPriorityAsync(run.Id, RunPriority.High, default);
        await store.Runs.RequestPauseAsync(run.Id, default);
        await store.Runs.RequestStopAsync(run.Id, default);
        await store.Runs.SetContactAsync(run.Id, 1, store.Clock.GetUtcNow(), default);

        Assert.Equal((0, 5), (moves, changes));
    }

    private static Task<Func<Task>> Act(Func<Task> act) => Task.FromResult(act);
}

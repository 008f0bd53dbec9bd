using Dashboard.Runs;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Training.Tests.Processes;

namespace Training.Tests.Runs;

/// <summary>Which signal is whose; how each is told, ChangeFeedTests say.</summary>
public sealed class RunFeedTests
{
    private readonly RunFeed _feed = new(new FakeTimeProvider(), NullLogger<RunFeed>.Instance);

    [Fact]
    public async Task Changed_OfAnotherRun_IsHeardOnlyByThoseWhoHearAll()
    {
        var (one, all) = (new ListenerCalls(), new ListenerCalls());
        using var first = _feed.Subscribe(7, one.AddAsync);
        using var second = _feed.Subscribe(null, all.AddAsync);

        _feed.Changed(8);

        await all.WaitForAsync(1);
        Assert.Equal(0, one.Count);
    }

    [Fact]
    public async Task ChangedElsewhere_NobodyKnowsWhat_IsHeardByAll()
    {
        var (one, all) = (new ListenerCalls(), new ListenerCalls());
        using var first = _feed.Subscribe(7, one.AddAsync);
        using var second = _feed.Subscribe(null, all.AddAsync);

        _feed.ChangedElsewhere(null);

        await one.WaitForAsync(1);
        await all.WaitForAsync(1);
    }

    [Fact]
    public async Task Signals_OfARunAndOfTheQueue_AreHeardByTheirOwnListenersOnly()
    {
        var (runs, queue) = (new ListenerCalls(), new ListenerCalls());
        using var first = _feed.Subscribe(null, runs.AddAsync);
        using var second = _feed.SubscribeToQueue(queue.AddAsync);

        _feed.Changed(7);
        await runs.WaitForAsync(1);
        Assert.Equal(0, queue.Count);
        _feed.QueueMoved();

        await queue.WaitForAsync(1);
        Assert.Equal(1, runs.Count);
    }

    [Fact]
    public async Task QueueMovedElsewhere_ForOneWhoActsOnlyHere_IsNotHeard()
    {
        var (here, everywhere) = (new ListenerCalls(), new ListenerCalls());
        using var first = _feed.SubscribeToQueue(here.AddAsync, onlyHere: true);
        using var second = _feed.SubscribeToQueue(everywhere.AddAsync);

        _feed.QueueMovedElsewhere();
        await everywhere.WaitForAsync(1);
        Assert.Equal(0, here.Count);
        _feed.QueueMoved();

        await here.WaitForAsync(1);
    }
}

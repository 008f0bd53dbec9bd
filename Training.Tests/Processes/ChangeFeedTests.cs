using Dashboard.Processes;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using Training.Tests.TestKit;

namespace Training.Tests.Processes;

/// <summary>Each promise of <see cref="ChangeFeed"/>.</summary>
public sealed class ChangeFeedTests : IDisposable
{
    private static readonly TimeSpan Moment = TimeSpan.FromMilliseconds(1);

    private readonly FakeTimeProvider _clock = new();
    private readonly LogLines _lines = new();
    private readonly LoggerFactory _logs;
    private readonly ChangeFeed _feed;

    public ChangeFeedTests()
    {
        _logs = new LoggerFactory([_lines]);
        _feed = new ChangeFeed("tides", _clock, _logs.CreateLogger("feed"));
    }

    public void Dispose() => _logs.Dispose();

    [Fact]
    public async Task Change_AfterAPause_IsToldWithoutDelay()
    {
        var calls = new ListenerCalls();
        using var subscription = _feed.Subscribe(calls.AddAsync);

        _feed.Tell();

        await calls.WaitForAsync(1);
    }

    [Fact]
    public async Task Changes_InARow_AreToldAtTheLeadingAndTheTrailingEdge()
    {
        var calls = new ListenerCalls();
        using var subscription = _feed.Subscribe(calls.AddAsync);
        _feed.Tell();
        await calls.WaitForAsync(1);

        for (var i = 0; i < 50; i++) _feed.Tell();
        _clock.Advance(ChangeFeed.Interval - Moment);
        Assert.Equal(1, calls.Count);
        _clock.Advance(Moment);

        await calls.WaitForAsync(2);
        _clock.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal(2, calls.Count);
    }

    [Fact]
    public async Task Change_WhileTheListenerIsBusy_IsToldOnceAfterwardsAndNeverTwiceAtOnce()
    {
        var release = new TaskCompletionSource();
        var calls = new ListenerCalls { During = release.Task };
        using var subscription = _feed.Subscribe(calls.AddAsync);
        _feed.Tell();
        await calls.WaitForAsync(1);

        _feed.Tell();
        _feed.Tell();
        _clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(1, calls.Count);
        release.SetResult();

        await calls.WaitForAsync(2);
        Assert.Equal(1, calls.MostAtOnce);
    }

    [Fact]
    public async Task LastChange_OfManyFromManySides_IsNeverLost()
    {
        const int tellers = 8, changes = 500;
        var feed = new ChangeFeed("tides", TimeProvider.System, _logs.CreateLogger("feed"));
        var (truth, seen, busy, mostBusy) = (0, 0, 0, 0);
        using var subscription = feed.Subscribe(async () =>
        {
            mostBusy = Math.Max(mostBusy, Interlocked.Increment(ref busy));
            Volatile.Write(ref seen, Volatile.Read(ref truth));
            await Task.Yield();
            Interlocked.Decrement(ref busy);
        });

        await Task.WhenAll(Enumerable.Range(0, tellers).Select(_ => Task.Run(async () =>
        {
            for (var i = 0; i < changes; i++)
            {
                Interlocked.Increment(ref truth);
                feed.Tell();
                if (i % 50 == 0) await Task.Delay(20);
            }
        })));

        await Eventually.TrueAsync(() => Volatile.Read(ref seen) == tellers * changes, "the listener has seen the last change");
        Assert.Equal(1, mostBusy);
    }

    [Fact]
    public async Task Teller_WithAListenerThatIsBusyForLong_DoesNotWait()
    {
        using var release = new ManualResetEventSlim();
        var (blocked, other) = (new TaskCompletionSource(), new ListenerCalls());
        using var first = _feed.Subscribe(() =>
        {
            blocked.TrySetResult();
            release.Wait();
            return Task.CompletedTask;
        });
        using var second = _feed.Subscribe(other.AddAsync);

        _feed.Tell();

        await blocked.Task.WaitAsync(TimeSpan.FromSeconds(30));
        await other.WaitForAsync(1);
        release.Set();
    }

    [Fact]
    public async Task Listener_ThatThrows_IsLoggedByTheFeedsNameAndCalledAgainAndHarmsNobody()
    {
        var (broken, healthy) = (new ListenerCalls { Throws = true }, new ListenerCalls());
        using var first = _feed.Subscribe(broken.AddAsync);
        using var second = _feed.Subscribe(healthy.AddAsync);

        _feed.Tell();
        await broken.WaitForAsync(1);
        await healthy.WaitForAsync(1);
        // The end of a call is not visible from outside, so the change is told until it is heard.
        while (broken.Count < 2)
        {
            _feed.Tell();
            _clock.Advance(ChangeFeed.Interval);
            await Task.Yield();
        }

        await healthy.WaitForAsync(2);
        Assert.Contains(_lines.Of("feed"), line => line.Contains("tides", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Subscription_DisposedWhileACallIsDue_IsCalledNoMore()
    {
        var calls = new ListenerCalls();
        var subscription = _feed.Subscribe(calls.AddAsync);
        _feed.Tell();
        await calls.WaitForAsync(1);
        _feed.Tell();

        subscription.Dispose();
        _clock.Advance(TimeSpan.FromSeconds(1));
        _feed.Tell();

        Assert.Equal(1, calls.Count);
    }

    [Fact]
    public async Task Subscription_DisposedByItsOwnListener_IsCalledNoMoreForWhatCameMeanwhile()
    {
        var (calls, after) = (0, new ListenerCalls());
        IDisposable? subscription = null;
        var hears = new TaskCompletionSource();
        subscription = _feed.Subscribe(() =>
        {
            calls++;
            _feed.Tell();
            subscription!.Dispose();
            hears.TrySetResult();
            return Task.CompletedTask;
        });

        _feed.Tell();
        await hears.Task.WaitAsync(TimeSpan.FromSeconds(30));
        using var other = _feed.Subscribe(after.AddAsync);
        _clock.Advance(TimeSpan.FromSeconds(1));
        _feed.Tell();

        await after.WaitForAsync(1);
        Assert.Equal(1, calls);
    }

    [Fact]
    public async Task Change_ThatDoesNotConcernAListener_IsNotToldIt()
    {
        var (seven, here, all) = (new ListenerCalls(), new ListenerCalls(), new ListenerCalls());
        using var first = _feed.Subscribe(seven.AddAsync, change => change.MayBeOf(7));
        using var second = _feed.Subscribe(here.AddAsync, change => !change.IsElsewhere);
        using var third = _feed.Subscribe(all.AddAsync);

        _feed.Tell(new Change(8, IsElsewhere: true));
        await all.WaitForAsync(1);
        Assert.Equal((0, 0), (seven.Count, here.Count));
        _feed.Tell();

        await seven.WaitForAsync(1);
        await here.WaitForAsync(1);
    }

    [Fact]
    public async Task Subscription_AtOnce_IsCalledWithoutAChange()
    {
        var calls = new ListenerCalls();

        using var subscription = _feed.Subscribe(calls.AddAsync, atOnce: true);

        await calls.WaitForAsync(1);
    }

    [Fact]
    public void FeedAndSubscription_InADebugger_SayWhatTheyAre()
    {
        using var subscription = _feed.Subscribe(new ListenerCalls().AddAsync);

        Assert.Equal("tides, 1 listeners", _feed.ToString());
        Assert.Equal($"tides: {typeof(ListenerCalls).FullName}.AddAsync, Idle", subscription.ToString());
    }
}

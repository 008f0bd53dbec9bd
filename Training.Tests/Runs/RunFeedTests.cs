using Dashboard.Runs;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Training.Tests.Runs;

public sealed class RunFeedTests
{
    private readonly FakeTimeProvider _clock = new();
    private readonly RunFeed _feed;

    public RunFeedTests() => _feed = new RunFeed(_clock, NullLogger<RunFeed>.Instance);

    [Fact]
    public async Task Changed_AfterAPause_CallsAtOnce()
    {
        var calls = new Calls();
        using var subscription = _feed.Subscribe(7, calls.AddAsync);

        _feed.Changed(7);

        await calls.WaitForAsync(1);
    }

    [Fact]
    public async Task Changed_ManyTimes_CallsAtTheLeadingAndTheTrailingEdge()
    {
        var calls = new Calls();
        using var subscription = _feed.Subscribe(7, calls.AddAsync);
        _feed.Changed(7);
        await calls.WaitForAsync(1);

        for (var i = 0; i < 50; i++) _feed.Changed(7);
        _clock.Advance(RunFeed.Interval - TimeSpan.FromMilliseconds(1));
        Assert.Equal(1, calls.Count);
        _clock.Advance(TimeSpan.FromMilliseconds(1));

        await calls.WaitForAsync(2);
        _clock.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal(2, calls.Count);
    }

    [Fact]
    public async Task Changed_OfAnotherRun_IsHeardOnlyByThoseWhoHearAll()
    {
        var (one, all) = (new Calls(), new Calls());
        using var first = _feed.Subscribe(7, one.AddAsync);
        using var second = _feed.Subscribe(null, all.AddAsync);

        _feed.Changed(8);

        await all.WaitForAsync(1);
        Assert.Equal(0, one.Count);
    }

    [Fact]
    public async Task Changed_WhileTheListenerIsBusy_CallsItOnceMoreAfterwards()
    {
        var release = new TaskCompletionSource();
        var calls = new Calls { During = release.Task };
        using var subscription = _feed.Subscribe(7, calls.AddAsync);
        _feed.Changed(7);
        await calls.WaitForAsync(1);

        _feed.Changed(7);
        _feed.Changed(7);
        _clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(1, calls.Count);
        release.SetResult();

        await calls.WaitForAsync(2);
        Assert.Equal(1, calls.MostAtOnce);
    }

    [Fact]
    public async Task Listener_ThatThrows_IsCalledAgainAndHarmsNobody()
    {
        var (broken, healthy) = (new Calls { Throws = true }, new Calls());
        using var first = _feed.Subscribe(7, broken.AddAsync);
        using var second = _feed.Subscribe(7, healthy.AddAsync);

        _feed.Changed(7);
        await broken.WaitForAsync(1);
        await healthy.WaitForAsync(1);
        _clock.Advance(TimeSpan.FromSeconds(1));
        await ChangeUntilAsync(broken, 2);

        await healthy.WaitForAsync(2);
    }

    [Fact]
    public async Task Listener_ThatLeft_HearsNothingMore()
    {
        var calls = new Calls();
        var subscription = _feed.Subscribe(7, calls.AddAsync);
        _feed.Changed(7);
        await calls.WaitForAsync(1);
        _feed.Changed(7);

        subscription.Dispose();
        _clock.Advance(TimeSpan.FromSeconds(1));
        _feed.Changed(7);

        Assert.Equal(1, calls.Count);
    }

    /// <summary>The end of a call is not visible from outside, so the change is said until it is heard.</summary>
    private async Task ChangeUntilAsync(Calls calls, int count)
    {
        while (calls.Count < count)
        {
            _feed.Changed(7);
            _clock.Advance(RunFeed.Interval);
            await Task.Yield();
        }
    }

    private sealed class Calls
    {
        private readonly Lock _gate = new();
        private readonly List<(int Count, TaskCompletionSource Reached)> _waiting = [];
        private int _now;

        public Task During { get; init; } = Task.CompletedTask;
        public bool Throws { get; init; }
        public int Count { get; private set; }
        public int MostAtOnce { get; private set; }

        public async Task AddAsync()
        {
            lock (_gate)
            {
                Count++;
                MostAtOnce = Math.Max(MostAtOnce, ++_now);
                foreach (var (count, reached) in _waiting)
                    if (Count >= count) reached.TrySetResult();
            }
            await During;
            lock (_gate) _now--;
            if (Throws) throw new InvalidOperationException("a listener's own failure");
        }

        public Task WaitForAsync(int count)
        {
            lock (_gate)
            {
                if (Count >= count) return Task.CompletedTask;
                var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                _waiting.Add((count, reached));
                return reached.Task.WaitAsync(TimeSpan.FromSeconds(30));
            }
        }
    }
}

using Dashboard.Pages.Live;
using Microsoft.Extensions.Time.Testing;
using Training.Tests.TestKit;

namespace Training.Tests.Pages.Live;

public sealed class LivePullTests
{
    private readonly FakeTimeProvider _clock = new();
    private readonly PageVisibility _visibility = new();
    private Func<Task>? _changed;
    private int _pulls;

    [Fact]
    public async Task Pull_WhileManyChangesCome_IsAskedOncePerInterval()
    {
        using var pull = Pull();
        await PullsAsync(1);

        for (var i = 0; i < 50; i++) _ = _changed!();
        Assert.Equal(1, _pulls);
        await AdvanceUntilAsync(2);

        // A last one after the last change, and then silence.
        _clock.Advance(LivePull.Fast * 10);
        Assert.Equal(2, _pulls);
    }

    [Fact]
    public async Task Pull_WhileTheTabIsHidden_ListensToNothing()
    {
        using var pull = Pull();
        await PullsAsync(1);

        _visibility.Set(false);

        Assert.Null(_changed);
    }

    [Fact]
    public async Task Pull_WhenTheTabIsShownAgain_CatchesUpOnce()
    {
        using var pull = Pull();
        await PullsAsync(1);
        _visibility.Set(false);
        _clock.Advance(LivePull.Fast * 2);

        _visibility.Set(true);

        await AdvanceUntilAsync(2);
        Assert.NotNull(_changed);
    }

    [Fact]
    public async Task Pull_AfterDispose_ListensToNothing()
    {
        var pull = Pull();
        await PullsAsync(1);

        pull.Dispose();
        _visibility.Set(false);
        _visibility.Set(true);

        Assert.Null(_changed);
    }

    private LivePull Pull() => new(_visibility, _clock, LivePull.Fast, Subscribe, () =>
    {
        Interlocked.Increment(ref _pulls);
        return Task.CompletedTask;
    });

    private Subscription Subscribe(Func<Task> changed)
    {
        _changed = changed;
        return new Subscription(() => _changed = null);
    }

    private Task PullsAsync(int count) => Eventually.TrueAsync(() => Volatile.Read(ref _pulls) == count, $"{count} pulls");

    private Task AdvanceUntilAsync(int count) => Eventually.TrueAsync(
        () =>
        {
            _clock.Advance(LivePull.Fast);
            return Volatile.Read(ref _pulls) == count;
        },
        $"{count} pulls");

    private sealed class Subscription(Action end) : IDisposable
    {
        public void Dispose() => end();
    }
}

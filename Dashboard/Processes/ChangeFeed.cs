using System.Collections.Immutable;

namespace Dashboard.Processes;

/// <summary>
/// "Something changed", without data: whoever hears it asks again. Throttled to one call per 100 ms and subscriber, at the leading and the
/// trailing edge, so that a slow browser can't build up a queue; what changes while a listener is busy is told to it afterwards.
/// Thread-safe.
/// </summary>
/// <param name="what">What changes, for the log, such as "runs".</param>
public sealed partial class ChangeFeed(string what, TimeProvider time, ILogger log)
{
    public static TimeSpan Interval { get; } = TimeSpan.FromMilliseconds(100);

    private ImmutableList<Subscription> _subscriptions = [];

    /// <param name="changed">Never called twice at the same time for one subscription; its exceptions are its own.</param>
    /// <param name="concerns">Which changes it hears; null: all.</param>
    /// <param name="atOnce">Whether it is called a first time right after it was registered, so that nothing falls in between.</param>
    /// <returns>Dispose it to hear no more; a call under way is not waited for.</returns>
    public IDisposable Subscribe(Func<Task> changed, Predicate<Change>? concerns = null, bool atOnce = false)
    {
        ArgumentNullException.ThrowIfNull(changed);
        var subscription = new Subscription(this, changed, concerns);
        ImmutableInterlocked.Update(ref _subscriptions, list => list.Add(subscription));
        if (atOnce) subscription.Signal();
        return subscription;
    }

    public void Tell(Change change)
    {
        foreach (var subscription in _subscriptions)
            if (subscription.Concerns(change)) subscription.Signal();
    }

    [LoggerMessage(LogLevel.Warning, "A listener to {What} failed")]
    private partial void LogFailed(Exception exception, string what);

    /// <summary>Idle, waiting for its turn (a timer runs), or calling; a signal while it calls is kept for one more call.</summary>
    private sealed class Subscription(ChangeFeed feed, Func<Task> changed, Predicate<Change>? concerns) : IDisposable
    {
        private readonly Lock _gate = new();
        private State _state;
        private bool _again;
        private long? _lastCall;
        private ITimer? _timer;

        private enum State { Idle, Waiting, Calling, Closed }

        public bool Concerns(Change change) => concerns is null || concerns(change);

        public void Signal()
        {
            lock (_gate)
            {
                if (_state == State.Idle) Schedule();
                else if (_state == State.Calling) _again = true;
            }
        }

        public void Dispose()
        {
            lock (_gate)
            {
                _state = State.Closed;
                _timer?.Dispose();
                _timer = null;
            }
            ImmutableInterlocked.Update(ref feed._subscriptions, list => list.Remove(this));
        }

        private void Schedule()
        {
            var wait = _lastCall is { } last ? Interval - feed.Time.GetElapsedTime(last) : TimeSpan.Zero;
            if (wait <= TimeSpan.Zero)
            {
                Call();
                return;
            }
            _state = State.Waiting;
            _timer?.Dispose();
            _timer = feed.Time.CreateTimer(_ => OnTurn(), null, wait, Timeout.InfiniteTimeSpan);
        }

        private void OnTurn()
        {
            lock (_gate)
                if (_state == State.Waiting) Call();
        }

        /// <summary>On the thread pool and outside the lock: the store must not wait for its listeners.</summary>
        private void Call()
        {
            _state = State.Calling;
            _again = false;
            _lastCall = feed.Time.GetTimestamp();
            ThreadPool.UnsafeQueueUserWorkItem(static subscription => _ = subscription.CallAsync(), this, preferLocal: false);
        }

        private async Task CallAsync()
        {
            try
            {
                await changed();
            }
#pragma warning disable CA1031 // One listener's failure is neither the store's nor the other listeners'.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                feed.LogFailed(exception, feed.What);
            }
            lock (_gate)
            {
                if (_state == State.Closed) return;
                _state = State.Idle;
                if (_again) Schedule();
            }
        }
    }

    private TimeProvider Time => time;

    private string What => what;
}

/// <param name="Key">Of what changed; null: maybe all of it.</param>
/// <param name="IsElsewhere">Another dashboard over the same database changed it, and does what is to be done.</param>
public readonly record struct Change(int? Key, bool IsElsewhere);

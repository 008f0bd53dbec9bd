using System.Collections.Immutable;
using System.Diagnostics;

namespace Dashboard.Processes;

/// <summary>
/// "Something changed", without data: whoever hears it asks again. The one way in which a part of this process tells others of changes.
/// Thread-safe. Each subscription is promised the same:
/// <list type="bullet">
/// <item>Throttled: from the beginning of one call to that of the next passes at least <see cref="Interval"/>, so that a slow browser
/// can't build up a queue.</item>
/// <item>Leading edge: after such a pause the first change is told without delay.</item>
/// <item>Trailing edge: however many changes come before the next call may begin, or while a call is under way, one call begins after the
/// last of them. The last change is never lost.</item>
/// <item>Never called twice at once.</item>
/// <item>Called on the thread pool, outside of every lock: whoever tells of a change waits for no listener, and a listener's failure is
/// logged and is nobody else's.</item>
/// <item>Disposed: no further call; one that has begun is not waited for.</item>
/// </list>
/// </summary>
/// <param name="name">What changes, for the log and the debugger, such as "runs".</param>
[DebuggerDisplay("{ToString(),nq}")]
public sealed partial class ChangeFeed(string name, TimeProvider time, ILogger log)
{
    public static TimeSpan Interval { get; } = TimeSpan.FromMilliseconds(100);

    private ImmutableList<Subscription> _subscriptions = [];

    /// <param name="changed">Never called twice at the same time for one subscription; its exceptions are its own.</param>
    /// <param name="concerns">Which changes are heard; null: all. Asked on the thread of whoever tells, so it is quick and never
    /// throws.</param>
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

    /// <summary>Something changed; without an argument: here, and maybe all of it.</summary>
    public void Tell(Change change = default)
    {
        foreach (var subscription in _subscriptions)
            if (subscription.Concerns(change)) subscription.Signal();
    }

    /// <summary>Its name and how many listen, such as "runs, 3 listeners".</summary>
    public override string ToString() => $"{name}, {_subscriptions.Count} listeners";

    [LoggerMessage(LogLevel.Warning, "A listener to {What} failed")]
    private partial void LogFailed(Exception exception, string what);

    private TimeProvider Time => time;

    private string Name => name;

    /// <summary>Idle, waiting for its turn (a timer runs), or calling; a signal while it calls is kept for one more call.</summary>
    [DebuggerDisplay("{ToString(),nq}")]
    private sealed class Subscription(ChangeFeed feed, Func<Task> changed, Predicate<Change>? concerns) : IDisposable
    {
        private readonly Lock _gate = new();
        private State _state;
        private bool _again;
        private long? _lastCall;
        private ITimer? _timer;

        private enum State { Idle, Waiting, Calling, Closed }

        public bool Concerns(Change change) => concerns is null || concerns(change);

        /// <summary>What is heard, by whom, and what the subscription does now.</summary>
        public override string ToString() =>
            $"{feed.Name}: {changed.Method.DeclaringType?.FullName}.{changed.Method.Name}, {_state}{(_again ? " and once more" : "")}";

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
            lock (_gate)
                if (_state == State.Closed) return;
            try
            {
                await changed();
            }
#pragma warning disable CA1031 // One listener's failure is neither the store's nor the other listeners'.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                feed.LogFailed(exception, feed.Name);
            }
            lock (_gate)
            {
                if (_state == State.Closed) return;
                _state = State.Idle;
                if (_again) Schedule();
            }
        }
    }
}

/// <param name="Key">Of what changed, such as a run's id; null: maybe all of it.</param>
/// <param name="IsElsewhere">Another dashboard over the same database changed it, and does what is to be done.</param>
public readonly record struct Change(object? Key, bool IsElsewhere = false)
{
    public bool MayBeOf(object key) => Key is null || Key.Equals(key);
}

using System.Collections.Immutable;

namespace Dashboard.Runs;

/// <summary>
/// "Something changed", without data: whoever hears it asks the store again. Throttled to one call per 100 ms and subscriber,
/// at the leading and the trailing edge, so that a slow browser can't build up a queue. Thread-safe.
/// </summary>
public sealed partial class RunFeed(TimeProvider time, ILogger<RunFeed> log)
{
    public static TimeSpan Interval { get; } = TimeSpan.FromMilliseconds(100);

    private ImmutableList<Subscription> _subscriptions = [];

    /// <summary>Raised for every change that was made here, for other dashboards; not throttled.</summary>
    internal event Action<int>? ChangedHere;

    /// <param name="runId">null: any run.</param>
    /// <param name="changed">Never called twice at the same time for one subscription; its exceptions are its own.</param>
    /// <param name="atOnce">Whether it is called a first time right after it was registered, so that nothing falls in between.</param>
    /// <param name="onlyHere">Not for what changed in another dashboard over the same database: that one does what is to be done.</param>
    /// <returns>Dispose it to hear no more; a call under way is not waited for.</returns>
    public IDisposable Subscribe(int? runId, Func<Task> changed, bool atOnce = false, bool onlyHere = false)
    {
        ArgumentNullException.ThrowIfNull(changed);
        var subscription = new Subscription(this, runId, changed, onlyHere);
        ImmutableInterlocked.Update(ref _subscriptions, list => list.Add(subscription));
        if (atOnce) subscription.Signal();
        return subscription;
    }

    public void Changed(int runId)
    {
        foreach (var subscription in _subscriptions)
            if (subscription.RunId is null || subscription.RunId == runId) subscription.Signal();
        ChangedHere?.Invoke(runId);
    }

    /// <summary>Another dashboard changed a run.</summary>
    /// <param name="runId">Null: maybe any of them.</param>
    internal void ChangedElsewhere(int? runId)
    {
        foreach (var subscription in _subscriptions)
            if (!subscription.OnlyHere && (runId is null || subscription.RunId is null || subscription.RunId == runId)) subscription.Signal();
    }

    [LoggerMessage(LogLevel.Warning, "A listener of run {RunId} failed")]
    private partial void LogFailed(Exception exception, int? runId);

    /// <summary>Idle, waiting for its turn (a timer runs), or calling; a signal while it calls is kept for one more call.</summary>
    private sealed class Subscription(RunFeed feed, int? runId, Func<Task> changed, bool onlyHere) : IDisposable
    {
        private readonly Lock _gate = new();
        private State _state;
        private bool _again;
        private long? _lastCall;
        private ITimer? _timer;

        private enum State { Idle, Waiting, Calling, Closed }

        public int? RunId => runId;

        public bool OnlyHere => onlyHere;

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
                feed.LogFailed(exception, runId);
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
}

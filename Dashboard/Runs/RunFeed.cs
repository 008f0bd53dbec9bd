using Dashboard.Processes;

namespace Dashboard.Runs;

/// <summary>
/// Two signals, without data: "something of a run changed" (a step came, an epoch, a log line, its state), and "the queue moved". Whoever
/// hears one asks the store again. Each keeps the promises of <see cref="ChangeFeed"/>. Thread-safe.
/// </summary>
public sealed class RunFeed(TimeProvider time, ILogger<RunFeed> log)
{
    private readonly ChangeFeed _runs = new("runs", time, log);
    private readonly ChangeFeed _queue = new("the queue", time, log);

    public static TimeSpan Interval => ChangeFeed.Interval;

    /// <summary>
    /// Raised for every change that was made here, for other dashboards, who are told which runs: on the thread that made it and not
    /// throttled, so that no id is lost.
    /// </summary>
    internal event Action<int>? ChangedHere;

    /// <summary>The same for the queue.</summary>
    internal event Action? QueueMovedHere;

    /// <summary>To hear of everything, which while runs train means many times a second; who waits for a place or a device hears
    /// <see cref="SubscribeToQueue"/>.</summary>
    /// <param name="runId">null: any run.</param>
    /// <param name="changed">Never called twice at the same time for one subscription; its exceptions are its own.</param>
    /// <param name="atOnce">Whether it is called a first time right after it was registered, so that nothing falls in between.</param>
    /// <returns>Dispose it to hear no more; a call under way is not waited for.</returns>
    public IDisposable Subscribe(int? runId, Func<Task> changed, bool atOnce = false) =>
        _runs.Subscribe(changed, runId is { } id ? change => change.MayBeOf(id) : null, atOnce);

    /// <summary>
    /// To hear when a run was queued, taken, ended, paused, resumed, deleted, moved, or got another priority: who waits, trains and may be
    /// next is another one then. What a run that trains reports is no such thing until it ends.
    /// </summary>
    /// <param name="moved">Never called twice at the same time for one subscription; its exceptions are its own.</param>
    /// <param name="onlyHere">Not for what changed in another dashboard over the same database: that one does what is to be done.</param>
    /// <returns>Dispose it to hear no more; a call under way is not waited for.</returns>
    public IDisposable SubscribeToQueue(Func<Task> moved, bool onlyHere = false) =>
        _queue.Subscribe(moved, onlyHere ? change => !change.IsElsewhere : null);

    public void Changed(int runId)
    {
        _runs.Tell(new Change(runId));
        ChangedHere?.Invoke(runId);
    }

    public void QueueMoved()
    {
        _queue.Tell();
        QueueMovedHere?.Invoke();
    }

    /// <summary>Another dashboard changed a run.</summary>
    /// <param name="runId">Null: maybe any of them.</param>
    internal void ChangedElsewhere(int? runId) => _runs.Tell(new Change(runId, IsElsewhere: true));

    /// <summary>Another dashboard moved the queue, or may have.</summary>
    internal void QueueMovedElsewhere() => _queue.Tell(new Change(null, IsElsewhere: true));
}

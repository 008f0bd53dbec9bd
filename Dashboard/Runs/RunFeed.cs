using Dashboard.Processes;

namespace Dashboard.Runs;

/// <summary>"A run changed", without data: whoever hears it asks the store again. Thread-safe.</summary>
public sealed class RunFeed(TimeProvider time, ILogger<RunFeed> log)
{
    private readonly ChangeFeed _feed = new("runs", time, log);

    public static TimeSpan Interval => ChangeFeed.Interval;

    /// <summary>Raised for every change that was made here, for other dashboards; not throttled.</summary>
    internal event Action<int>? ChangedHere;

    /// <param name="runId">null: any run.</param>
    /// <param name="changed">Never called twice at the same time for one subscription; its exceptions are its own.</param>
    /// <param name="atOnce">Whether it is called a first time right after it was registered, so that nothing falls in between.</param>
    /// <param name="onlyHere">Not for what changed in another dashboard over the same database: that one does what is to be done.</param>
    /// <returns>Dispose it to hear no more; a call under way is not waited for.</returns>
    public IDisposable Subscribe(int? runId, Func<Task> changed, bool atOnce = false, bool onlyHere = false) => _feed.Subscribe(
        changed, change => !(onlyHere && change.IsElsewhere) && (runId is null || change.Key is null || change.Key == runId), atOnce);

    public void Changed(int runId)
    {
        _feed.Tell(new Change(runId, IsElsewhere: false));
        ChangedHere?.Invoke(runId);
    }

    /// <summary>Another dashboard changed a run.</summary>
    /// <param name="runId">Null: maybe any of them.</param>
    internal void ChangedElsewhere(int? runId) => _feed.Tell(new Change(runId, IsElsewhere: true));
}

namespace Dashboard.Runs;

/// <summary>
/// "Something changed", without data: whoever hears it asks the store again. Throttled to one call per 100 ms and subscriber,
/// at the leading and the trailing edge, so that a slow browser can't build up a queue. Thread-safe.
/// </summary>
public sealed class RunFeed
{
    /// <param name="runId">null: any run.</param>
    /// <param name="changed">Never called twice at the same time for one subscription; its exceptions are its own.</param>
    public IDisposable Subscribe(int? runId, Func<Task> changed) => throw new NotImplementedException();

    public void Changed(int runId) => throw new NotImplementedException();
}

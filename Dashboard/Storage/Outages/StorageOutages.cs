using Dashboard.Processes;

namespace Dashboard.Storage.Outages;

/// <summary>
/// Whether database and data root can be reached, and since when not. Everybody who meets an outage tells it here. Thread-safe.
/// </summary>
public sealed class StorageOutages(TimeProvider time, ILogger<StorageOutages> log)
{
    private readonly ChangeFeed _feed = new("outages", time, log);
    private readonly Lock _gate = new();
    private volatile Outage? _database, _dataRoot;
    private TaskCompletionSource _over = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Outage? Database => _database;

    /// <summary>The data root's first: without it nobody misses the database.</summary>
    public Outage? Current => _dataRoot ?? _database;

    /// <summary>To hear of every beginning and end.</summary>
    public IDisposable Subscribe(Func<Task> changed) => _feed.Subscribe(changed);

    internal TimeSpan AgeOf(Outage outage) => time.GetUtcNow() - outage.Since;

    internal void Begin(OutageKind kind, string words = "")
    {
        lock (_gate)
        {
            if (kind == OutageKind.Database && _database is not null || kind == OutageKind.DataRoot && _dataRoot?.Words == words) return;
            if (Current is null && _over.Task.IsCompleted) _over = new(TaskCreationOptions.RunContinuationsAsynchronously);
            if (kind == OutageKind.Database) _database = new(kind, time.GetUtcNow());
            else _dataRoot = new(kind, _dataRoot?.Since ?? time.GetUtcNow(), words);
        }
        _feed.Tell();
    }

    /// <summary>Costs nothing while there is none: every statement that was answered comes here.</summary>
    internal void End(OutageKind kind)
    {
        if ((kind == OutageKind.Database ? _database : _dataRoot) is null) return;
        lock (_gate)
        {
            if (kind == OutageKind.Database) _database = null;
            else _dataRoot = null;
            if (Current is null) _over.TrySetResult();
        }
        _feed.Tell();
    }

    /// <summary>Ends with the outage; in any case after a while, for whoever met one that nobody else did.</summary>
    public async Task OverAsync(CancellationToken cancellationToken = default)
    {
        Task over;
        lock (_gate) over = Current is null ? Task.Delay(OutageWatch.Look, time, cancellationToken) : _over.Task;
        await over.WaitAsync(cancellationToken);
    }
}

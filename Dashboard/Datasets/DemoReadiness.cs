namespace Dashboard.Datasets;

/// <summary>
/// Whether the datasets that the dashboard draws by itself can be used, so that a script's first run isn't refused. Says yes once and for
/// all.
/// </summary>
public sealed class DemoReadiness
{
    private readonly Lock _gate = new();
    private HashSet<int>? _awaited;

    public bool IsReady
    {
        get
        {
            lock (_gate) return _awaited is { Count: 0 };
        }
    }

    /// <summary>The start has looked.</summary>
    /// <param name="ids">Those that are yet to be drawn and scanned; none when there is no such dataset.</param>
    internal void Await(IEnumerable<int> ids)
    {
        lock (_gate) _awaited = [.. ids];
    }

    /// <summary>This one was read, with whatever outcome.</summary>
    internal void Ended(int id)
    {
        lock (_gate) _awaited?.Remove(id);
    }
}

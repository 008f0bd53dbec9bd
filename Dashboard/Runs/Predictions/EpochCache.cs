namespace Dashboard.Runs.Predictions;

/// <summary>
/// What was read from prediction files, least recently used out first. Concurrent callers share one read; a missing file and a failed
/// read are never kept; a file that was written anew is read anew. Thread-safe.
/// </summary>
/// <param name="capacity">Sum of weights to keep; the newest value stays even when it is heavier alone.</param>
/// <param name="weigh">Weight of a value, at least 1.</param>
internal sealed class EpochCache<T>(long capacity, Func<T, long> weigh) where T : class
{
    private readonly Lock _lock = new();
    private readonly Dictionary<FileStamp, LinkedListNode<Entry>> _byStamp = [];
    private readonly LinkedList<Entry> _newestFirst = [];
    private long _weight;

    /// <param name="read">Gets the path; not cancelled when one of several waiting callers leaves.</param>
    /// <returns>null when there is no such file.</returns>
    public async Task<T?> GetAsync(string path, Func<string, Task<T>> read, CancellationToken cancellationToken)
    {
        var file = new FileInfo(path);
        if (!file.Exists) return null;
        try
        {
            return await ReadOnce(new FileStamp(path, file.Length, file.LastWriteTimeUtc), read).WaitAsync(cancellationToken);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    private Task<T> ReadOnce(FileStamp stamp, Func<string, Task<T>> read)
    {
        lock (_lock)
        {
            if (_byStamp.TryGetValue(stamp, out var known))
            {
                _newestFirst.Remove(known);
                _newestFirst.AddFirst(known);
                return known.Value.Loading;
            }
            var node = _newestFirst.AddFirst(new Entry(stamp));
            _byStamp[stamp] = node;
            return node.Value.Loading = Task.Run(() => ReadAsync(node, read));
        }
    }

    private async Task<T> ReadAsync(LinkedListNode<Entry> node, Func<string, Task<T>> read)
    {
        try
        {
            var value = await read(node.Value.Stamp.Path);
            Keep(node, Math.Max(1, weigh(value)));
            return value;
        }
        catch
        {
            Drop(node);
            throw;
        }
    }

    private void Keep(LinkedListNode<Entry> node, long weight)
    {
        lock (_lock)
        {
            node.Value.Weight = weight;
            _weight += weight;
            while (_weight > capacity && OldestBut(node) is { } oldest) Remove(oldest);
        }
    }

    private void Drop(LinkedListNode<Entry> node)
    {
        lock (_lock) Remove(node);
    }

    // Entries that are still being read weigh nothing and stay.
    private LinkedListNode<Entry>? OldestBut(LinkedListNode<Entry> kept)
    {
        var node = _newestFirst.Last;
        while (node is not null && (node == kept || node.Value.Weight == 0)) node = node.Previous;
        return node;
    }

    private void Remove(LinkedListNode<Entry> node)
    {
        _newestFirst.Remove(node);
        _byStamp.Remove(node.Value.Stamp);
        _weight -= node.Value.Weight;
    }

    private readonly record struct FileStamp(string Path, long Length, DateTime WrittenAt);

    private sealed class Entry(FileStamp stamp)
    {
        public FileStamp Stamp { get; } = stamp;
        public Task<T> Loading { get; set; } = null!;
        public long Weight { get; set; }
    }
}

namespace Dashboard.Processes;

/// <summary>
/// Values in memory that take long to load, up to a weight in all; beyond it the least recently used are given up. Callers that want one
/// key at the same time share one load. A load that failed is not kept: the next caller tries again. A value that is lent out stays, and
/// is disposed, if it can be, when it has been given up and the last who borrowed it is done. Thread-safe.
/// </summary>
/// <param name="capacity">Sum of weights to keep; the value used last stays even when it is heavier alone.</param>
/// <param name="weigh">
/// Weight of a value, asked again whenever it comes back, outside of the cache's lock; less than 1 counts as 1, and so does a value that is
/// still being loaded.
/// </param>
internal sealed class LruCache<TKey, TValue>(long capacity, Func<TValue, long> weigh) where TKey : notnull where TValue : class
{
    private readonly Lock _lock = new();
    private readonly Dictionary<TKey, LinkedListNode<Entry>> _byKey = [];
    private readonly LinkedList<Entry> _newestFirst = [];
    private long _weight;

    /// <summary>Those that are loaded, with their keys; looking at them is no use of them.</summary>
    public IReadOnlyList<(TKey Key, TValue Value)> Loaded
    {
        get
        {
            lock (_lock) return [.. from entry in _newestFirst where entry.Value is not null select (entry.Key, entry.Value)];
        }
    }

    /// <summary>Lends a value out: until the loan is disposed it is neither given up nor disposed.</summary>
    /// <param name="load">Called on a thread of the pool; not cancelled when one of several waiting callers leaves.</param>
    public async Task<Loan> BorrowAsync(TKey key, Func<Task<TValue>> load, CancellationToken cancellationToken)
    {
        var entry = Take(key, load);
        try
        {
            return new Loan(await entry.Loading.WaitAsync(cancellationToken), () => GiveBack(entry));
        }
        catch
        {
            GiveBack(entry);
            throw;
        }
    }

    /// <summary>A value that needs no disposing, so that it may be used after it has been given up.</summary>
    /// <inheritdoc cref="BorrowAsync"/>
    public async Task<TValue> GetAsync(TKey key, Func<Task<TValue>> load, CancellationToken cancellationToken)
    {
        using var loan = await BorrowAsync(key, load, cancellationToken);
        return loan.Value;
    }

    /// <summary>Changes a value that is loaded, and weighs it again; no use of it.</summary>
    /// <param name="change">Called outside of any lock.</param>
    public void Change(TKey key, Action<TValue> change)
    {
        Entry? entry;
        lock (_lock) entry = _byKey.GetValueOrDefault(key)?.Value;
        if (entry?.Value is not { } value) return;
        change(value);
        Settle(entry, weigh(value));
    }

    /// <summary>Gives a value up if it is here.</summary>
    public void Remove(TKey key)
    {
        lock (_lock)
            if (_byKey.TryGetValue(key, out var node)) GiveUp(node.Value);
    }

    /// <summary>Gives all values up.</summary>
    public void Clear()
    {
        lock (_lock)
            foreach (var entry in _newestFirst.ToList()) GiveUp(entry);
    }

    private Entry Take(TKey key, Func<Task<TValue>> load)
    {
        lock (_lock)
        {
            if (_byKey.TryGetValue(key, out var node)) _newestFirst.Remove(node);
            else
            {
                node = new Entry(key).Node;
                _byKey[key] = node;
                _weight += node.Value.Weight;
                node.Value.Loading = Task.Run(() => LoadAsync(node.Value, load));
            }
            _newestFirst.AddFirst(node);
            node.Value.Users++;
            Trim();
            return node.Value;
        }
    }

    private async Task<TValue> LoadAsync(Entry entry, Func<Task<TValue>> load)
    {
        try
        {
            var value = await load();
            var weight = weigh(value);
            lock (_lock)
            {
                entry.Value = value;
                Settle(entry, weight);
            }
            return value;
        }
        catch
        {
            lock (_lock) GiveUp(entry);
            throw;
        }
    }

    private void GiveBack(Entry entry)
    {
        // Weighed while it is still lent out: afterwards somebody may dispose it.
        var weight = entry.Value is { } value ? weigh(value) : 1;
        lock (_lock)
        {
            entry.Users--;
            Settle(entry, weight);
        }
    }

    private void Settle(Entry entry, long weight)
    {
        lock (_lock)
        {
            if (!entry.IsGivenUp)
            {
                _weight += Math.Max(1, weight) - entry.Weight;
                entry.Weight = Math.Max(1, weight);
            }
            Trim();
            DisposeIfUnused(entry); // all callers may have left while it was loaded, and the cache been cleared
        }
    }

    private void Trim()
    {
        for (var node = _newestFirst.Last; node is not null && node != _newestFirst.First && _weight > capacity;)
        {
            var entry = node.Value;
            node = node.Previous;
            if (entry is { Users: 0, Value: not null }) GiveUp(entry);
        }
    }

    private void GiveUp(Entry entry)
    {
        if (entry.IsGivenUp) return;
        _newestFirst.Remove(entry.Node);
        _byKey.Remove(entry.Key);
        _weight -= entry.Weight;
        DisposeIfUnused(entry);
    }

    private static void DisposeIfUnused(Entry entry)
    {
        if (entry is not { Users: 0, IsGivenUp: true, Value: IDisposable value }) return;
        entry.Value = null;
        value.Dispose();
    }

    /// <summary>A value that somebody uses; to be disposed when they are done with it.</summary>
    public sealed class Loan(TValue value, Action giveBack) : IDisposable
    {
        private Action? _giveBack = giveBack;

        public TValue Value { get; } = value;

        public void Dispose() => Interlocked.Exchange(ref _giveBack, null)?.Invoke();
    }

    private sealed class Entry
    {
        public Entry(TKey key) => (Key, Node) = (key, new LinkedListNode<Entry>(this));

        public TKey Key { get; }

        public LinkedListNode<Entry> Node { get; }

        public Task<TValue> Loading { get; set; } = null!;

        /// <summary>Null while it is being loaded, and when it has been disposed.</summary>
        public TValue? Value { get; set; }

        public long Weight { get; set; } = 1;

        public int Users { get; set; }

        public bool IsGivenUp => Node.List is null;
    }
}

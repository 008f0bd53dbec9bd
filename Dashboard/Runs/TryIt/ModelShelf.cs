using Training.Core.Export;

namespace Dashboard.Runs.TryIt;

/// <summary>
/// The models that were tried last, ready to run: loading one takes longer than an answer. A model that is still being used when it falls
/// off the shelf is disposed by whoever uses it last. Thread-safe.
/// </summary>
public sealed class ModelShelf : IDisposable
{
    /// <summary>Each holds its weights in memory: some 50–250 MB.</summary>
    private const int Places = 2;

    /// <summary>A training on this machine needs the cores more.</summary>
    private const int Threads = 1;

    private readonly Lock _lock = new();
    private readonly LinkedList<Entry> _entries = [];

    /// <summary>Runs something on the model of a file, loaded if need be; a file that was written anew is loaded anew.</summary>
    /// <exception cref="FileNotFoundException"/>
    /// <exception cref="InvalidDataException">The file is no such model.</exception>
    public T Use<T>(string path, Func<OnnxModel, T> use)
    {
        var entry = Take(path);
        try
        {
            return use(entry.Model.Value);
        }
        finally
        {
            Release(entry);
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            foreach (var entry in _entries.Where(entry => entry.Users == 0)) entry.Dispose();
            _entries.Clear();
        }
    }

    private Entry Take(string path)
    {
        var written = File.GetLastWriteTimeUtc(path);
        lock (_lock)
        {
            var entry = _entries.FirstOrDefault(each => each.Path == path && each.Written == written);
            if (entry is not null) _entries.Remove(entry);
            entry ??= new Entry(path, written, new Lazy<OnnxModel>(() => new OnnxModel(path, Threads)));
            _entries.AddFirst(entry);
            entry.Users++;
            while (_entries.Count > Places)
            {
                var last = _entries.Last!.Value;
                _entries.RemoveLast();
                last.IsOff = true;
                if (last.Users == 0) last.Dispose();
            }
            return entry;
        }
    }

    private void Release(Entry entry)
    {
        lock (_lock)
        {
            entry.Users--;
            // One that could not be loaded is tried again the next time.
            if (!entry.Model.IsValueCreated) _entries.Remove(entry);
            if (entry is { Users: 0, IsOff: true }) entry.Dispose();
        }
    }

    private sealed record Entry(string Path, DateTime Written, Lazy<OnnxModel> Model) : IDisposable
    {
        public int Users { get; set; }

        public bool IsOff { get; set; }

        public void Dispose()
        {
            if (Model.IsValueCreated) Model.Value.Dispose();
        }
    }
}

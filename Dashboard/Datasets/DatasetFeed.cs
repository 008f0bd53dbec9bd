using System.Collections.Concurrent;
using Dashboard.Datasets.Words;
using Dashboard.Processes;

namespace Dashboard.Datasets;

/// <summary>"A dataset changed", without data, and how far the one that is worked on is. Thread-safe.</summary>
public sealed class DatasetFeed(TimeProvider time, ILogger<DatasetFeed> log)
{
    // All datasets count as one.
    private readonly ChangeFeed _feed = new("datasets", time, log);
    private readonly ConcurrentDictionary<int, DatasetProgress> _progress = [];

    /// <param name="changed">Never called twice at the same time for one subscription.</param>
    public IDisposable Subscribe(Func<Task> changed) => _feed.Subscribe(changed);

    public void Changed()
    {
        _feed.Tell();
        ChangedHere?.Invoke();
    }

    /// <summary>Raised for every change that was made here, for other dashboards: on the thread that made it and not throttled.</summary>
    internal event Action? ChangedHere;

    /// <summary>Another dashboard changed a dataset.</summary>
    internal void ChangedElsewhere() => _feed.Tell(new Change(null, IsElsewhere: true));

    /// <summary>Null when nothing is done with the dataset at the moment.</summary>
    public DatasetProgress? ProgressOf(int datasetId) => _progress.GetValueOrDefault(datasetId);

    /// <summary>Takes the progress of one kind of work; <see cref="IProgress{T}"/> that works on the caller's thread, in order.</summary>
    public IProgress<(int Done, int Total)> Progress(int datasetId, DatasetWorkKind kind) => new Reporter(this, datasetId, kind);

    public void Ended(int datasetId)
    {
        _progress.TryRemove(datasetId, out _);
        Changed();
    }

    private sealed class Reporter(DatasetFeed feed, int datasetId, DatasetWorkKind kind) : IProgress<(int Done, int Total)>
    {
        public void Report((int Done, int Total) value)
        {
            feed._progress[datasetId] = new DatasetProgress(kind, value.Done, value.Total);
            feed.Changed();
        }
    }
}

public enum DatasetWorkKind { Drawing, Unpacking, Checking }

/// <summary>How far the work on a dataset is.</summary>
/// <param name="Total">0 while it isn't known.</param>
public sealed record DatasetProgress(DatasetWorkKind Kind, int Done, int Total)
{
    /// <summary>0–1; null while the total isn't known.</summary>
    public double? Fraction => Total > 0 ? (double)Done / Total : null;

    public string Words => Kind switch
    {
        DatasetWorkKind.Drawing => DatasetWords.ImagesDrawn(Done, Total),
        DatasetWorkKind.Unpacking => DatasetWords.FilesUnpacked(Done, Total),
        _ when Total == 0 => DatasetWords.LooksForImages,
        _ => DatasetWords.ImagesChecked(Done, Total),
    };
}

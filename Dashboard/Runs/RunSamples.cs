using Dashboard.Storage;
using Microsoft.Extensions.Options;
using Training.Core.Data;

namespace Dashboard.Runs;

/// <summary>
/// Which content each sample had in a run, by its samples.json: a prediction is of that picture, whatever its file holds now. The last few
/// runs' stay in memory. Thread-safe.
/// </summary>
public sealed class RunSamples(IOptions<DashboardOptions> options)
{
    private const int MostRuns = 4;

    private readonly Lock _lock = new();
    private readonly LinkedList<Entry> _newestFirst = [];

    /// <returns>The SHA-256 of the file that the run used; null when that isn't known.</returns>
    public string? ContentOf(int runId, int sampleId)
    {
        var file = new FileInfo(options.Value.RunFolder(runId).Manifest);
        return file.Exists && Of(runId, file).Contents.Value?.GetValueOrDefault(sampleId) is { Length: > 0 } content ? content : null;
    }

    private Entry Of(int runId, FileInfo file)
    {
        lock (_lock)
        {
            var entry = _newestFirst.FirstOrDefault(each => each.RunId == runId && each.Written == file.LastWriteTimeUtc);
            if (entry is not null) _newestFirst.Remove(entry);
            entry ??= new Entry(runId, file.LastWriteTimeUtc, new Lazy<Dictionary<int, string>?>(() => Read(file.FullName)));
            _newestFirst.AddFirst(entry);
            if (_newestFirst.Count > MostRuns) _newestFirst.RemoveLast();
            return entry;
        }
    }

    private static Dictionary<int, string>? Read(string path)
    {
        try
        {
            return DatasetManifest.Load(path).Samples.ToDictionary(sample => sample.Id, sample => sample.Sha256);
        }
        catch (Exception error)
            when (error is IOException or UnauthorizedAccessException or System.Text.Json.JsonException or InvalidDataException
                or ArgumentException)
        {
            return null; // as before there was such a file: the dataset's word counts
        }
    }

    private sealed record Entry(int RunId, DateTime Written, Lazy<Dictionary<int, string>?> Contents);
}

using Dashboard.Processes;
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

    private readonly LruCache<(int RunId, DateTime Written), Dictionary<int, string>> _contents = new(MostRuns, _ => 1);

    /// <returns>The SHA-256 of the file that the run used; null when that isn't known.</returns>
    public async Task<string?> ContentOfAsync(int runId, int sampleId, CancellationToken cancellationToken) =>
        (await ContentsOfAsync(runId, cancellationToken)).GetValueOrDefault(sampleId) is { Length: > 0 } content ? content : null;

    /// <returns>The SHA-256 of each sample's file that the run used, by sample id; empty text or no entry where that isn't known.</returns>
    public async Task<IReadOnlyDictionary<int, string>> ContentsOfAsync(int runId, CancellationToken cancellationToken)
    {
        var file = new FileInfo(options.Value.RunFolder(runId).Manifest);
        if (!file.Exists) return new Dictionary<int, string>();
        return await _contents.GetAsync(
            (runId, file.LastWriteTimeUtc), () => Task.FromResult(Read(file.FullName)), cancellationToken);
    }

    private static Dictionary<int, string> Read(string path)
    {
        try
        {
            return DatasetManifest.Load(path).Samples.ToDictionary(sample => sample.Id, sample => sample.Sha256);
        }
        catch (Exception error)
            when (error is IOException or UnauthorizedAccessException or System.Text.Json.JsonException or InvalidDataException
                or ArgumentException)
        {
            return []; // as before there was such a file: the dataset's word counts
        }
    }
}

using Dashboard.Storage;
using Microsoft.Extensions.Options;
using Training.Core.Metrics.Predictions;

namespace Dashboard.Runs.Predictions;

/// <summary>
/// What one sample was seen as in each evaluated epoch. Keeps 8 bytes per prediction, so that a whole run fits in memory.
/// </summary>
public sealed class SampleHistory(IOptions<DashboardOptions> options)
{
    // 80 MB: 200 epochs of 50,000 images.
    private const long CapacityInPredictions = 10_000_000;

    private readonly EpochCache<Outcomes> _cache = new(CapacityInPredictions, outcomes => outcomes.SampleIds.Length);

    /// <param name="epochs">In order; those without predictions of the sample are left out.</param>
    /// <exception cref="InvalidDataException">A file is damaged; the message names it.</exception>
    public async Task<IReadOnlyList<SeenAs>> OfAsync(
        RunRow run, IEnumerable<int> epochs, int sampleId, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(run);
        ArgumentNullException.ThrowIfNull(epochs);
        var folder = options.Value.RunFolder(run.Id);
        var seen = new List<SeenAs>();
        foreach (var epoch in epochs)
        {
            var outcomes = await _cache.GetAsync(folder.Predictions(epoch), path => ReadAsync(path, run.Classes.Count), cancellationToken);
            if (outcomes?.Of(sampleId) is { } predicted) seen.Add(new SeenAs(epoch, predicted));
        }
        return seen;
    }

    private static async Task<Outcomes> ReadAsync(string path, int classes)
    {
        var predictions = await PredictionFile.ReadAsync(path, classes);
        var ids = predictions.Select(p => p.SampleId).ToArray();
        var predicted = predictions.Select(p => p.Predicted).ToArray();
        Array.Sort(ids, predicted);
        return new Outcomes(ids, predicted);
    }

    /// <param name="SampleIds">Ascending.</param>
    private sealed record Outcomes(int[] SampleIds, int[] Predicted)
    {
        public int? Of(int sampleId)
        {
            var index = Array.BinarySearch(SampleIds, sampleId);
            return index < 0 ? null : Predicted[index];
        }
    }
}

/// <param name="Predicted">The most probable class of that epoch.</param>
public readonly record struct SeenAs(int Epoch, int Predicted);

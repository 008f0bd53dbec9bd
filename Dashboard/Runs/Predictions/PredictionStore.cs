using Dashboard.Runs.Words;
using Dashboard.Storage;
using Microsoft.Extensions.Options;
using Training.Core.Metrics;
using Training.Core.Metrics.Predictions;

namespace Dashboard.Runs.Predictions;

/// <summary>Predictions of evaluated epochs, read from the run's Parquet files; the last few epochs stay in memory.</summary>
public sealed class PredictionStore(IOptions<DashboardOptions> options)
{
    // A prediction takes about 160 bytes, so this is about 80 MB: eight epochs of 50,000 images.
    private const long CapacityInPredictions = 500_000;

    /// <summary>
    /// A run's classes may have been renamed and joined since; a made-up class of a million would be a matrix of terabytes.
    /// </summary>
    private const int MostClassesBeyond = 100;

    private readonly EpochCache<EpochPredictions> _cache = new(CapacityInPredictions, Weight);

    /// <returns>null when the epoch has no predictions (yet).</returns>
    /// <exception cref="InvalidDataException">The file is damaged; the message names it.</exception>
    public Task<EpochPredictions?> GetAsync(RunRow run, int epoch, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(run);
        var file = options.Value.RunFolder(run.Id).Predictions(epoch);
        var (runId, classes) = (run.Id, run.Classes.Count);
        return _cache.GetAsync(file, path => ReadAsync(path, runId, epoch, classes), cancellationToken);
    }

    private static async Task<EpochPredictions> ReadAsync(string path, int runId, int epoch, int classes)
    {
        var predictions = await PredictionFile.ReadAsync(path, classes + MostClassesBeyond);
        // Written by a former version, which counted such answers as right or wrong.
        if (predictions.Any(prediction => !float.IsFinite(prediction.Confidence)))
            throw new InvalidDataException(RunWords.AnswersAreNoNumbers(path));
        var matrix = new ConfusionMatrix(predictions.Select(prediction => Math.Max(prediction.Truth, prediction.Predicted) + 1)
            .Append(classes).Max());
        foreach (var prediction in predictions) matrix.Add(prediction.Truth, prediction.Predicted);
        return new EpochPredictions(runId, epoch, predictions, matrix);
    }

    // 40 cells of a matrix take as much memory as one prediction.
    private static long Weight(EpochPredictions epoch) =>
        epoch.Predictions.Count + (long)epoch.Matrix.Classes * epoch.Matrix.Classes / 40;
}

/// <param name="Predictions">Every validation sample of the epoch.</param>
public sealed record EpochPredictions(int RunId, int Epoch, IReadOnlyList<Prediction> Predictions, ConfusionMatrix Matrix)
{
    public int Wrong { get; } = Predictions.Count(p => !p.IsRight);
}

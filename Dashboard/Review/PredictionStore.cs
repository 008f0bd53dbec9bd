using Training.Core.Metrics;
using Training.Core.Predictions;

namespace Dashboard.Review;

/// <summary>Predictions of evaluated epochs, read from the run's Parquet files; the last few epochs stay in memory.</summary>
public sealed class PredictionStore
{
    /// <summary>Null when the epoch has no predictions (yet).</summary>
    public Task<EpochPredictions?> GetAsync(int runId, int epoch, CancellationToken stop = default) => throw new NotImplementedException();
}

/// <param name="Predictions">Every validation sample of the epoch.</param>
public sealed record EpochPredictions(int RunId, int Epoch, IReadOnlyList<Prediction> Predictions, ConfusionMatrix Matrix);

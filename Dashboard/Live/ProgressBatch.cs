using Dashboard.Runs;
using Dashboard.Storage;

namespace Dashboard.Live;

/// <summary>What is new of a run since the last batch to this watcher.</summary>
/// <param name="First">The first batch after Watch: whatever the watcher had before is replaced.</param>
/// <param name="Run">State and progress; null when the run was deleted, after which no batch comes.</param>
/// <param name="Epochs">New epochs, in order; all of them in the first batch.</param>
/// <param name="Steps">New steps, in order, the newest 1,000 of them.</param>
/// <param name="LeftOut">New steps before those; GET /api/runs/{id}/metrics has them.</param>
public sealed record ProgressBatch(
    int RunId, bool First, RunView? Run, IReadOnlyList<EpochPoint> Epochs, IReadOnlyList<StepPoint> Steps, int LeftOut);

/// <param name="Loss">Null stands for NaN.</param>
public sealed record StepPoint(int Step, int Epoch, double? Loss, double LearningRate, double ImagesPerSecond)
{
    internal static StepPoint Of(StepRow row) => new(row.Step, row.Epoch, row.Loss, row.LearningRate, row.ImagesPerSecond);
}

/// <param name="Step">The last step of the epoch.</param>
/// <param name="TrainLoss">Null stands for NaN, as in <paramref name="ValLoss"/>.</param>
public sealed record EpochPoint(
    int Epoch, int Step, double? TrainLoss, double? ValLoss, double ValAccuracy,
    double TrainImagesPerSecond, double ValImagesPerSecond, double Seconds, bool IsBest)
{
    internal static EpochPoint Of(EpochRow row) => new(
        row.Epoch, row.Step, row.TrainLoss, row.ValLoss, row.ValAccuracy, row.TrainImagesPerSecond, row.ValImagesPerSecond, row.Seconds, row.IsBest);
}

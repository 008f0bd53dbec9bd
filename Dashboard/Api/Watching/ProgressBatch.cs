using Dashboard.Api.Views;
using Dashboard.Storage;
using Training.Core.Metrics;

namespace Dashboard.Api.Watching;

/// <summary>What is new of a run since the last batch to this watcher.</summary>
/// <param name="First">The first batch after Watch: whatever the watcher had before is replaced.</param>
/// <param name="Run">State and progress; null when the run was deleted, after which no batch comes.</param>
/// <param name="Epochs">New epochs, in order; all of them in the first batch.</param>
/// <param name="Steps">New steps, in order, the newest 1,000 of them.</param>
/// <param name="LeftOut">New steps before those; GET /api/runs/{id}/metrics has them.</param>
public sealed record ProgressBatch(
    int RunId, bool First, RunView? Run, IReadOnlyList<EpochPoint> Epochs, IReadOnlyList<StepPoint> Steps, int LeftOut);

/// <param name="Loss">Null stands for what is no number: NaN or infinite.</param>
public sealed record StepPoint(int Step, int Epoch, double? Loss, double LearningRate, double ImagesPerSecond)
{
    internal static StepPoint Of(StepRow row) => new(row.Step, row.Epoch, Finite(row.Loss), row.LearningRate, row.ImagesPerSecond);

    internal static double? Finite(double? value) => value is { } number && double.IsFinite(number) ? number : null;
}

/// <param name="Epoch">From 1; 0: the head alone, before the first step.</param>
/// <param name="Step">The last step of the epoch.</param>
/// <param name="TrainLoss">Null stands for what is no number, as in <paramref name="ValLoss"/>.</param>
/// <param name="ValAccuracyInterval">95 % interval by Wilson; null while it isn't known how many images were looked at.</param>
public sealed record EpochPoint(
    int Epoch, int Step, double? TrainLoss, double? ValLoss, double ValAccuracy,
    double TrainImagesPerSecond, double ValImagesPerSecond, double Seconds, bool IsBest, WilsonInterval? ValAccuracyInterval = null)
{
    /// <param name="images">Validation images of the run.</param>
    internal static EpochPoint Of(EpochRow row, int images) => new(
        row.Epoch, row.Step, StepPoint.Finite(row.TrainLoss), StepPoint.Finite(row.ValLoss), row.ValAccuracy, row.TrainImagesPerSecond,
        row.ValImagesPerSecond, row.Seconds, row.IsBest, WilsonInterval.Of(row.ValAccuracy, images));
}

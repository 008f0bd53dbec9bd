using Dashboard.Storage;
using Training.Core.Metrics;
using Training.Core.Runs;

namespace Dashboard.Runs;

/// <summary>The one truth about runs: stores events, applies them to the run's row, then tells <see cref="RunFeed"/>.</summary>
public sealed class RunStore
{
    /// <summary>Live ones on top, then queued in order, then ended ones, newest first.</summary>
    public Task<IReadOnlyList<RunRow>> ListAsync(CancellationToken stop = default) => throw new NotImplementedException();

    public Task<RunRow?> GetAsync(int runId, CancellationToken stop = default) => throw new NotImplementedException();

    public Task<IReadOnlyList<EpochRow>> EpochsAsync(int runId, CancellationToken stop = default) => throw new NotImplementedException();

    /// <summary>Validation accuracy per epoch of many runs at once, for sparklines.</summary>
    public Task<IReadOnlyDictionary<int, IReadOnlyList<double>>> AccuraciesAsync(IReadOnlyCollection<int> runIds, CancellationToken stop = default) => throw new NotImplementedException();

    /// <summary>The newest lines of the log, oldest first.</summary>
    public Task<IReadOnlyList<LogRow>> LogAsync(int runId, int limit = 2000, CancellationToken stop = default) => throw new NotImplementedException();

    /// <summary>A series for a chart; x is the step (an epoch's values stand at its last step).</summary>
    public Task<CurveView> CurveAsync(int runId, RunSeries series, double? from = null, double? to = null, int maxBuckets = 500, double smoothing = 0, CancellationToken stop = default) => throw new NotImplementedException();

    /// <summary>Stores what is new of <paramref name="entries"/> (by sequence number) and applies it, in one transaction; then tells the feed.</summary>
    /// <returns>The highest sequence number stored for this attempt.</returns>
    /// <exception cref="StaleAttemptException">The run has moved on to another attempt, has ended, or is gone.</exception>
    public Task<long> ApplyAsync(int runId, int attempt, IReadOnlyList<JournalEntry> entries, CancellationToken stop = default) => throw new NotImplementedException();

    /// <summary>The oldest queued run becomes Preparing with a new attempt; null when none waits. Atomic.</summary>
    /// <param name="tokenHash">SHA-256 of the new attempt's secret.</param>
    public Task<RunRow?> TakeNextAsync(string machine, string tokenHash, CancellationToken stop = default) => throw new NotImplementedException();

    /// <summary>An attempt and its run, whatever their state: the hub checks the trainer's token with it. Null when there is no such attempt.</summary>
    public Task<(RunRow Run, AttemptRow Attempt)?> AttemptAsync(int runId, int number, CancellationToken stop = default) => throw new NotImplementedException();

    /// <summary>Records which process runs the attempt.</summary>
    public Task SetProcessAsync(int runId, int attempt, int processId, long processStart, CancellationToken stop = default) => throw new NotImplementedException();

    /// <summary>Preparing or training runs of a machine with their current attempt: what a restart takes up again.</summary>
    public Task<IReadOnlyList<(RunRow Run, AttemptRow Attempt)>> LiveOnAsync(string machine, CancellationToken stop = default) => throw new NotImplementedException();

    /// <summary>Ends a live attempt whose trainer is gone without an <see cref="Ended"/> event.</summary>
    /// <returns>false when the attempt had ended already.</returns>
    public Task<bool> FailAsync(int runId, int attempt, string reason, CancellationToken stop = default) => throw new NotImplementedException();
}

public enum RunSeries { TrainLoss, LearningRate, ImagesPerSecond, EpochTrainLoss, ValLoss, ValAccuracy }

/// <summary>Events of an attempt that is not the run's current one, or of a run that has ended.</summary>
public sealed class StaleAttemptException(string message) : Exception(message);

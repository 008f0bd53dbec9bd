namespace Dashboard.Protocol;

/// <summary>An attempt that a machine trains.</summary>
/// <param name="Token">The trainer's secret; null when it has been launched before.</param>
/// <param name="Device">Which of the machine's devices; empty when it isn't known any more.</param>
public sealed record Assignment(
    int RunId, int Attempt, string? Token = null, string Device = "", bool StopRequested = false, int? ProcessId = null,
    long? ProcessStart = null)
{
    internal AttemptId Id => new(RunId, Attempt);
}

/// <summary>How an attempt stands in the dashboard.</summary>
/// <param name="IsOpen">It is its run's current attempt, and the run is live.</param>
/// <param name="LastSequence">The highest sequence number that is stored.</param>
/// <param name="StopRequested">Somebody asked this attempt to stop.</param>
/// <param name="Seconds">Since the run's first launch, without pauses.</param>
public sealed record Standing(
    bool IsOpen, long LastSequence, bool StopRequested, int? BestEpoch, double? BestValAccuracy, double Seconds);

/// <param name="Reason">How the trainer died; the first line says it in short.</param>
/// <param name="IsFinal">Another attempt would end the same way.</param>
/// <param name="HasCheckpoint">Another attempt has something to go on from.</param>
public sealed record AttemptEnd(string Reason, bool IsFinal, bool HasCheckpoint);

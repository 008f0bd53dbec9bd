using Training.Core.Runs;

namespace Dashboard.Dispatch;

/// <summary>The attempts of one machine, as the dashboard stores them: beside it, or far away. It knows no others.</summary>
internal interface IAttempts
{
    /// <summary>How the attempt stands; null when there is none of this machine.</summary>
    Task<Standing?> StandingAsync(int runId, int attempt, CancellationToken stop);

    /// <summary>Stores what a dead trainer's journal holds.</summary>
    /// <returns>The highest sequence number stored.</returns>
    /// <exception cref="Runs.StaleAttemptException">The attempt is over.</exception>
    /// <exception cref="Protocol.ImpossibleReportException">They can't be what a run reports.</exception>
    Task<long> ApplyAsync(int runId, int attempt, IReadOnlyList<JournalEntry> entries, CancellationToken stop);

    /// <summary>Sends the files that a dead trainer left; nothing where the dashboard reads the same folder.</summary>
    Task DeliverAsync(int runId, int attempt, CancellationToken stop);

    /// <summary>Ends an attempt whose trainer is gone.</summary>
    Task EndAsync(int runId, int attempt, AttemptEnd end, CancellationToken stop);

    /// <summary>How long ago somebody asked the attempt to stop; null when nobody did.</summary>
    TimeSpan? StopAskedFor(int runId, int attempt);

    /// <summary>The attempt is over and its trainer gone.</summary>
    void Forget(int runId, int attempt);
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

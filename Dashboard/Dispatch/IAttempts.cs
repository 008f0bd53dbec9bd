using Dashboard.Dispatch.Hubs;
using Dashboard.Protocol;
using Training.Core.Runs;

namespace Dashboard.Dispatch;

/// <summary>The attempts of one machine, as the dashboard stores them: beside it, or far away. It knows no others.</summary>
internal interface IAttempts
{
    /// <summary>How the attempt stands; null when there is none of this machine.</summary>
    Task<Standing?> StandingAsync(int runId, int attempt, CancellationToken cancellationToken);

    /// <summary>Stores what a dead trainer's journal holds.</summary>
    /// <returns>The highest sequence number stored.</returns>
    /// <exception cref="Runs.StaleAttemptException">The attempt is over.</exception>
    /// <exception cref="ImpossibleReportException">They can't be what a run reports.</exception>
    Task<long> ApplyAsync(int runId, int attempt, IReadOnlyList<JournalEntry> entries, CancellationToken cancellationToken);

    /// <summary>Sends the files that a dead trainer left; nothing where the dashboard reads the same folder.</summary>
    Task DeliverAsync(int runId, int attempt, CancellationToken cancellationToken);

    /// <summary>Ends an attempt whose trainer is gone.</summary>
    Task EndAsync(int runId, int attempt, AttemptEnd end, CancellationToken cancellationToken);

    /// <summary>How long ago somebody asked the attempt to stop; null when nobody did.</summary>
    TimeSpan? StopAskedFor(int runId, int attempt);

    /// <summary>The attempt is over and its trainer gone.</summary>
    void Forget(int runId, int attempt);
}

using Training.Core.Runs;

namespace Dashboard.Protocol;

/// <summary>
/// What a trainer calls: it first attaches to its attempt with its secret, and can speak for that attempt only from then on.
/// </summary>
public interface ITrainerHub
{
    /// <summary>Binds the connection to an attempt, or says why not.</summary>
    Task<AttachReply> Attach(int runId, int attempt, string token);

    /// <summary>What the clock of the caller's computer says now: the times of its events are set right by it.</summary>
    void Clock(DateTimeOffset now);

    /// <summary>Stores the entries of the attached attempt that are new.</summary>
    /// <returns>The highest sequence number stored: the acknowledgement.</returns>
    Task<long> Report(IReadOnlyList<JournalEntry> entries);
}

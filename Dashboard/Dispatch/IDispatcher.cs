using Dashboard.Trainers;
using Training.Core.Runs;

namespace Dashboard.Dispatch;

/// <summary>
/// Where a machine's <see cref="TrainingService"/> gets its runs and tells how they end: the database beside it, or a dashboard far away.
/// Everything is asked for attempts of this machine only.
/// </summary>
internal interface IDispatcher
{
    /// <summary>Where trainers of this machine report.</summary>
    Uri Server { get; }

    /// <summary>Whether trainers also send the files that they make: their folder is not the dashboard's.</summary>
    bool SendsFiles { get; }

    /// <param name="changed">Called when there may be something to take.</param>
    IDisposable OnChange(Func<Task> changed);

    /// <summary>Attempts that this machine should be training.</summary>
    Task<IReadOnlyList<Assignment>> LiveAsync(CancellationToken stop);

    /// <summary>The next run for a free device, as a new attempt; null when none waits.</summary>
    Task<Assignment?> TakeAsync(string device, CancellationToken stop);

    /// <summary>Brings everything that the trainer reads into the run's folder.</summary>
    /// <exception cref="FetchException">It can't be had; the message says why.</exception>
    Task FetchAsync(Assignment assignment, CancellationToken stop);

    /// <summary>Notes which process trains the attempt.</summary>
    Task LaunchedAsync(Assignment assignment, ProcessIdentity process, CancellationToken stop);

    /// <summary>How the attempt stands; null when there is none of this machine.</summary>
    Task<Standing?> StandingAsync(int runId, int attempt, CancellationToken stop);

    /// <summary>Stores what a dead trainer's journal holds.</summary>
    /// <returns>The highest sequence number stored.</returns>
    /// <exception cref="Runs.StaleAttemptException">The attempt is over.</exception>
    Task<long> ApplyAsync(int runId, int attempt, IReadOnlyList<JournalEntry> entries, CancellationToken stop);

    /// <summary>Sends the files that a dead trainer left; nothing where the dashboard reads the same folder.</summary>
    Task DeliverAsync(int runId, int attempt, CancellationToken stop);

    /// <summary>Ends an attempt whose trainer is gone.</summary>
    Task EndAsync(int runId, int attempt, AttemptEnd end, CancellationToken stop);

    /// <summary>How long ago somebody asked the run to stop; null when nobody did.</summary>
    TimeSpan? StopAskedFor(int runId);

    /// <summary>The attempt is over and its trainer gone.</summary>
    void Forget(int runId);
}

/// <summary>An attempt that a machine trains.</summary>
/// <param name="Token">The trainer's secret; null when it has been launched before.</param>
/// <param name="Device">Which of the machine's devices; empty when it isn't known any more.</param>
public sealed record Assignment(
    int RunId, int Attempt, string? Token = null, string Device = "", bool StopRequested = false, int? ProcessId = null, long? ProcessStart = null);

/// <summary>How an attempt stands in the dashboard.</summary>
/// <param name="IsOpen">It is its run's current attempt, and the run is live.</param>
/// <param name="LastSequence">The highest sequence number that is stored.</param>
/// <param name="Seconds">Since the run's first launch, without pauses.</param>
public sealed record Standing(
    bool IsOpen, long LastSequence, bool StopRequested, int? BestEpoch, double? BestValAccuracy, double Seconds);

/// <param name="Reason">How the trainer died; the first line says it in short.</param>
/// <param name="IsFinal">Another attempt would end the same way.</param>
/// <param name="HasCheckpoint">Another attempt has something to go on from.</param>
public sealed record AttemptEnd(string Reason, bool IsFinal, bool HasCheckpoint);

/// <summary>What a run needs can't be had; the message says what and why.</summary>
internal sealed class FetchException(string message, Exception? inner = null) : Exception(message, inner);

using Dashboard.Dispatch.Trainers;
using Dashboard.Processes;
using Dashboard.Protocol;
using Dashboard.Storage.Files;

namespace Dashboard.Dispatch;

/// <summary>
/// Where a machine's <see cref="TrainingService"/> gets its runs and tells how they end: the database beside it, or a dashboard far away.
/// Everything is asked for attempts of this machine only.
/// </summary>
internal interface IDispatcher : IAttempts
{
    /// <summary>Where trainers of this machine report.</summary>
    Uri Server { get; }

    /// <summary>Whether trainers also send the files that they make: their folder is not the dashboard's.</summary>
    bool SendsFiles { get; }

    /// <param name="changed">Called when there may be something to take.</param>
    IDisposable OnChange(Func<Task> changed);

    /// <summary>Attempts that this machine should be training.</summary>
    Task<IReadOnlyList<Assignment>> LiveAsync(CancellationToken cancellationToken);

    /// <summary>The next run for a free device, as a new attempt; null when none waits.</summary>
    Task<Assignment?> TakeAsync(string device, CancellationToken cancellationToken);

    /// <summary>Brings everything that the trainer reads into the run's folder.</summary>
    /// <exception cref="FetchException">It can't be had; the message says why.</exception>
    Task FetchAsync(Assignment assignment, CancellationToken cancellationToken);

    /// <summary>Notes which process trains the attempt.</summary>
    Task LaunchedAsync(Assignment assignment, ProcessIdentity process, CancellationToken cancellationToken);
}

using System.Collections.Concurrent;
using Dashboard.Dispatch.Words;
using Dashboard.Machines.Devices;
using Dashboard.Processes;
using Dashboard.Protocol;
using Dashboard.Storage;
using Dashboard.Storage.Files;
using Microsoft.Extensions.Options;

namespace Dashboard.Dispatch.Trainers;

/// <summary>The trainers of this machine's devices: taken up or started, watched, and their device freed at their end.</summary>
internal sealed partial class LocalTrainers(
    IDispatcher dispatcher, LocalMachine machine, TrainerLauncher launcher, AttemptWatch watch, Guard guard,
    IOptions<DashboardOptions> options, ILogger<LocalTrainers> logger)
{
    private const string TellingPart = "Telling how attempts begin and end";

    private readonly ConcurrentDictionary<Task, byte> _work = new();

    /// <summary>Raised when an attempt is over, so that its device can have another one.</summary>
    public event Action? DeviceFreed;

    /// <summary>
    /// Runs that an earlier process of the service was training, or that were given here and the answer got lost: a living trainer is
    /// watched on, a dead one gets its end.
    /// </summary>
    public async Task TakeUpAsync(CancellationToken cancellationToken)
    {
        foreach (var assignment in await dispatcher.LiveAsync(cancellationToken))
        {
            if (machine.Trains(assignment.Id)) continue;
            var trainer = Options(assignment with { Device = machine.Devices[0] });
            var recorded = assignment is { ProcessId: { } id, ProcessStart: { } start }
                ? new ProcessIdentity(id, start) : (ProcessIdentity?)null;
            if (launcher.Find(trainer, recorded) is not { } process)
            {
                LogDead(assignment.RunId, assignment.Attempt);
                await watch.SettleAsync(assignment.RunId, assignment.Attempt, exitCode: null, outOfMemory: null, cancellationToken);
                continue;
            }
            LogTakenUp(assignment.RunId, assignment.Attempt, process.Identity.Id);
            ServerFile.Write(trainer.Folder, trainer.Server);
            if (recorded is null) await dispatcher.LaunchedAsync(assignment, process.Identity, cancellationToken);
            var device = TrainerOptions.DeviceOf(ProcessIdentity.Arguments(process.Identity.Id)) ?? trainer.Device;
            machine.Occupy(device, assignment.Id);
            Watch(assignment with { Device = device }, process, cancellationToken);
        }
    }

    /// <summary>Fills the free devices with runs that wait.</summary>
    public async Task StartWaitingAsync(CancellationToken cancellationToken)
    {
        while (machine.FreeDevice is { } device)
        {
            if (await dispatcher.TakeAsync(device, cancellationToken) is not { } assignment) return;
            machine.Occupy(device, assignment.Id);
            // What has to be fetched first must not keep the other devices waiting.
            Keep(LaunchAsync(assignment, cancellationToken));
        }
    }

    private async Task LaunchAsync(Assignment assignment, CancellationToken cancellationToken)
    {
        TrainerProcess process;
        try
        {
            await dispatcher.FetchAsync(assignment, cancellationToken);
            process = launcher.Launch(Options(assignment), assignment.Token!);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return; // the next start finds the attempt without a process
        }
        catch (Exception e)
        {
            // Whatever it was, the run is ours and must get an end.
            LogLaunchFailed(e, assignment.RunId);
            var words = e is FetchException ? e.Message : AttemptWords.CouldNotStart(RefusalException.WordsOf(e) ?? AttemptWords.Fault);
            await guard.UntilItWorksAsync(
                TellingPart, ended =>
                    dispatcher.EndAsync(assignment.RunId, assignment.Attempt,
                        new AttemptEnd(words, IsFinal: e is not FetchException { IsFinal: false }, HasCheckpoint: true), ended),
                        cancellationToken);
            machine.Release(assignment.Device, assignment.Id);
            DeviceFreed?.Invoke();
            return;
        }
        LogLaunched(assignment.RunId, assignment.Attempt, assignment.Device, process.Identity.Id);
        Watch(assignment, process, cancellationToken);
        await guard.UntilItWorksAsync(TellingPart, launched => dispatcher.LaunchedAsync(assignment, process.Identity, launched),
            cancellationToken);
    }

    private void Watch(Assignment assignment, TrainerProcess process, CancellationToken cancellationToken)
    {
        Keep(WatchAsync());

        async Task WatchAsync()
        {
            using (process)
            {
                // When the dashboard goes, the trainer stays: its device stays taken, and the next start takes it up.
                await guard.UntilItWorksAsync("Watching trainers", watching =>
                    watch.WatchAsync(assignment.RunId, assignment.Attempt, process, watching), cancellationToken);
                machine.Release(assignment.Device, assignment.Id);
                DeviceFreed?.Invoke();
            }
        }
    }

    /// <summary>What goes on beside the service that asked for it, and is waited for at its end.</summary>
    private void Keep(Task work)
    {
        _work.TryAdd(work, 0);
        _ = work.ContinueWith(ended => _work.TryRemove(ended, out _), TaskScheduler.Default);
    }

    private TrainerOptions Options(Assignment assignment) => new()
    {
        RunFolder = options.Value.RunFolder(assignment.RunId).Path,
        RunId = assignment.RunId,
        Attempt = assignment.Attempt,
        Server = dispatcher.Server,
        SendsFiles = dispatcher.SendsFiles,
        Device = assignment.Device,
        WeightsFolder = Path.GetFullPath(options.Value.WeightsFolder),
        CacheFolder = Path.GetFullPath(options.Value.CacheFolder),
        LibtorchFolder = options.Value.LibtorchFolder is { Length: > 0 } libtorch ? Path.GetFullPath(libtorch) : null,
    };

    /// <summary>Waits for what goes on here after its token was cancelled; the trainers stay.</summary>
    public async Task LeaveAsync()
    {
        await Task.WhenAll(_work.Keys).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (machine.Busy > 0) LogLeft(machine.Busy);
    }

    [LoggerMessage(LogLevel.Information, "Run {RunId}, attempt {Attempt} trains on {Device} in process {ProcessId}")]
    private partial void LogLaunched(int runId, int attempt, string device, int processId);

    [LoggerMessage(LogLevel.Error, "The trainer of run {RunId} could not be started")]
    private partial void LogLaunchFailed(Exception exception, int runId);

    [LoggerMessage(LogLevel.Information, "Run {RunId}, attempt {Attempt} is taken up again: process {ProcessId} went on without the "
        + "dashboard")]
    private partial void LogTakenUp(int runId, int attempt, int processId);

    [LoggerMessage(LogLevel.Warning, "Run {RunId}, attempt {Attempt} has no trainer any more")]
    private partial void LogDead(int runId, int attempt);

    [LoggerMessage(LogLevel.Information, "{Count} trainer(s) go on without the dashboard; its next start takes them up again")]
    private partial void LogLeft(int count);
}

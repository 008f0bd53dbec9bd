using System.Collections.Concurrent;
using System.Threading.Channels;
using Dashboard.Machines;
using Dashboard.Runs;
using Dashboard.Storage;
using Microsoft.Extensions.Options;

namespace Dashboard.Trainers;

/// <summary>
/// Trains queued runs on this machine, in order, one per device, each in a process of its own. At its start it takes up what an
/// earlier dashboard left behind.
/// </summary>
internal sealed partial class TrainingService(
    RunStore runs, RunFeed feed, LocalMachine machine, TrainerLauncher launcher, AttemptWatch watch, TrainerLink link,
    ServerAddress address, IOptions<DashboardOptions> options, IHostApplicationLifetime lifetime, TimeProvider time,
    ILogger<TrainingService> logger) : BackgroundService
{
    /// <summary>Only a safety net: a queued run is told by the feed, an ended one by its watch.</summary>
    private static readonly TimeSpan LookAnyway = TimeSpan.FromSeconds(10);

    private readonly Channel<bool> _wake = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly ConcurrentDictionary<Task, byte> _watches = new();

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!options.Value.TrainHere) return;
        try
        {
            await StartedAsync(stoppingToken);
            await machine.FindDevicesAsync(stoppingToken);
            using var subscription = feed.Subscribe(null, WakeAsync);
            await UntilItWorksAsync(TakeUpAsync, stoppingToken);
            while (true)
            {
                await UntilItWorksAsync(StartWaitingAsync, stoppingToken);
                await SleepAsync(stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
        }
        await Task.WhenAll(_watches.Keys);
        if (machine.Busy > 0) LogLeft(machine.Busy);
    }

    /// <summary>Runs that an earlier dashboard was training: a living process is watched on, a dead one gets its end.</summary>
    private async Task TakeUpAsync(CancellationToken stop)
    {
        foreach (var (run, attempt) in await runs.LiveOnAsync(machine.Name, stop))
        {
            if (run.StopRequested) link.NoteStop(run.Id);
            var trainer = Options(run, machine.Devices[0]);
            var recorded = attempt is { ProcessId: { } id, ProcessStart: { } start } ? new ProcessIdentity(id, start) : (ProcessIdentity?)null;
            if (launcher.Find(trainer, recorded) is not { } process)
            {
                LogDead(run.Id, run.Attempt);
                await watch.SettleAsync(run.Id, run.Attempt, exitCode: null, outOfMemory: null, stop);
                continue;
            }
            LogTakenUp(run.Id, run.Attempt, process.Identity.Id);
            ServerFile.Write(trainer.Folder, trainer.Server);
            if (recorded is null) await runs.SetProcessAsync(run.Id, run.Attempt, process.Identity.Id, process.Identity.Start, stop);
            var device = TrainerOptions.DeviceOf(ProcessIdentity.Arguments(process.Identity.Id)) ?? trainer.Device;
            machine.Occupy(device, run.Id);
            Watch(run, device, process, stop);
        }
    }

    private async Task StartWaitingAsync(CancellationToken stop)
    {
        while (machine.FreeDevice is { } device)
        {
            var token = AttemptToken.Create();
            if (await runs.TakeNextAsync(machine.Name, AttemptToken.Hash(token), stop) is not { } run) return;
            machine.Occupy(device, run.Id);
            await LaunchAsync(run, device, token, stop);
        }
    }

    private async Task LaunchAsync(RunRow run, string device, string token, CancellationToken stop)
    {
        TrainerProcess process;
        try
        {
            process = launcher.Launch(Options(run, device), token);
        }
        catch (Exception e)
        {
            // Whatever it was, the run is ours and must get an end.
            LogLaunchFailed(e, run.Id);
            machine.Release(device, run.Id);
            await runs.FailAsync(run.Id, run.Attempt, $"The trainer could not be started: {e.Message}", stop);
            return;
        }
        LogLaunched(run.Id, run.Attempt, device, process.Identity.Id);
        Watch(run, device, process, stop);
        await runs.SetProcessAsync(run.Id, run.Attempt, process.Identity.Id, process.Identity.Start, stop);
    }

    private void Watch(RunRow run, string device, TrainerProcess process, CancellationToken stop)
    {
        var watching = WatchAsync();
        _watches.TryAdd(watching, 0);
        _ = watching.ContinueWith(ended => _watches.TryRemove(ended, out _), TaskScheduler.Default);

        async Task WatchAsync()
        {
            using (process)
            {
                try
                {
                    await watch.WatchAsync(run.Id, run.Attempt, process, stop);
                    machine.Release(device, run.Id);
                    await WakeAsync();
                }
                catch (OperationCanceledException) when (stop.IsCancellationRequested)
                {
                    // The dashboard goes, the trainer stays: its device stays taken, and the next start takes it up.
                }
            }
        }
    }

    private TrainerOptions Options(RunRow run, string device) => new()
    {
        RunFolder = options.Value.RunFolder(run.Id).Path,
        RunId = run.Id,
        Attempt = run.Attempt,
        Server = address.Local,
        Device = device,
        WeightsFolder = Path.GetFullPath(options.Value.WeightsFolder),
        CacheFolder = Path.GetFullPath(options.Value.CacheFolder),
        LibtorchFolder = options.Value.LibtorchFolder is { Length: > 0 } libtorch ? Path.GetFullPath(libtorch) : null,
    };

    private Task WakeAsync()
    {
        _wake.Writer.TryWrite(true);
        return Task.CompletedTask;
    }

    private async Task SleepAsync(CancellationToken stop)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(stop);
        patience.CancelAfter(LookAnyway);
        try
        {
            await _wake.Reader.ReadAsync(patience.Token);
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
        }
    }

    /// <summary>A service that gave up would leave runs waiting for ever: it says what is wrong and tries again.</summary>
    private async Task UntilItWorksAsync(Func<CancellationToken, Task> work, CancellationToken stop)
    {
        while (true)
        {
            try
            {
                await work(stop);
                return;
            }
            catch (Exception e) when (!stop.IsCancellationRequested)
            {
                LogTroubled(e);
                await Task.Delay(TimeSpan.FromSeconds(2), time, stop);
            }
        }
    }

    /// <summary>Only then it is known where trainers reach this dashboard.</summary>
    private async Task StartedAsync(CancellationToken stop)
    {
        var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var registration = lifetime.ApplicationStarted.Register(started.SetResult);
        await started.Task.WaitAsync(stop);
    }

    [LoggerMessage(LogLevel.Information, "Run {RunId}, attempt {Attempt} trains on {Device} in process {ProcessId}")]
    private partial void LogLaunched(int runId, int attempt, string device, int processId);

    [LoggerMessage(LogLevel.Error, "The trainer of run {RunId} could not be started")]
    private partial void LogLaunchFailed(Exception exception, int runId);

    [LoggerMessage(LogLevel.Information, "Run {RunId}, attempt {Attempt} is taken up again: process {ProcessId} went on without the dashboard")]
    private partial void LogTakenUp(int runId, int attempt, int processId);

    [LoggerMessage(LogLevel.Warning, "Run {RunId}, attempt {Attempt} has no trainer any more")]
    private partial void LogDead(int runId, int attempt);

    [LoggerMessage(LogLevel.Information, "{Count} trainer(s) go on without the dashboard; its next start takes them up again")]
    private partial void LogLeft(int count);

    [LoggerMessage(LogLevel.Error, "The training service can't go on, it tries again in 2 seconds")]
    private partial void LogTroubled(Exception exception);
}

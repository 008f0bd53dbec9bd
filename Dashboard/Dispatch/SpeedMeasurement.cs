using System.Diagnostics;
using System.Text.Json;
using Dashboard.Dispatch.Trainers;
using Dashboard.Dispatch.Words;
using Dashboard.Machines.Devices;
using Dashboard.Processes;
using Dashboard.Runs;
using Dashboard.Storage;
using Microsoft.Extensions.Options;
using Training.Core.Benchmarks;
using Training.Core.Devices.Kernels;
using Training.Core.Recipes;
using Training.Core.Runs;

namespace Dashboard.Dispatch;

/// <summary>
/// Measures how fast this machine trains, in a child process, while nothing trains: once, when somebody asks for it, and again when it is
/// idle if something else kept it busy.
/// </summary>
internal sealed partial class SpeedMeasurement(
    LocalMachine machine, MachineSpeeds speeds, MachineLoad load, Guard guard, IOptions<DashboardOptions> options,
    IHostApplicationLifetime lifetime, TimeProvider time, ILogger<SpeedMeasurement> logger)
    : GuardedService("Measuring how fast this machine trains", guard)
{
    /// <summary>The first page comes first.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan LookAgain = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    /// <summary>Of the program, whose libtorch it measures with, and whether without our own kernels.</summary>
    internal string Version =>
        $"{typeof(SpeedMeasurement).Assembly.GetName().Version} {options.Value.LibtorchFolder}".Trim()
            + (options.Value.Kernels && !KernelSwitch.IsOff ? "" : " without kernels");

    private readonly SemaphoreSlim _wake = new(0, 1);
    private int _asked;
    private volatile bool _isMeasuring;

    /// <summary>Whether it is measured now, or in a moment.</summary>
    public bool IsUnderWay => _isMeasuring || Volatile.Read(ref _asked) == 1;

    /// <summary>Somebody wants it measured anew. What another program takes of the machine meanwhile is noted with the figure.</summary>
    /// <returns>Refused while a run trains or waits, while it is under way, and where this computer doesn't train.</returns>
    public async Task<CommandResult> AskAsync(CancellationToken cancellationToken)
    {
        if (!options.Value.TrainHere) return CommandResult.Refused(MachineCommandWords.DoesntTrain);
        if (await load.HasRunsAsync(cancellationToken)) return CommandResult.Refused(MachineCommandWords.NotMeasuredBesideRuns);
        if (_isMeasuring || Interlocked.Exchange(ref _asked, 1) == 1) return CommandResult.Refused(MachineCommandWords.IsBeingMeasured);
        if (_wake.CurrentCount == 0) _wake.Release();
        return CommandResult.Done;
    }

    public override void Dispose()
    {
        _wake.Dispose();
        base.Dispose();
    }

    protected override async Task WorkAsync(CancellationToken cancellationToken)
    {
        if (!options.Value.TrainHere) return;
        var processor = SystemFiles.ReadProcessor();
        var isDue = !speeds.IsKnown(machine.Name, processor, Version);
        await lifetime.StartedAsync(cancellationToken);
        if (isDue) await Task.Delay(Grace, time, cancellationToken);
        while (true)
        {
            var isAsked = Volatile.Read(ref _asked) == 1;
            // One that was asked for and disturbed by a run is made up for when the machine is idle.
            if (isDue || isAsked) isDue = !await TryMeasureAsync(processor, isAsked, cancellationToken);
            if (isAsked) Volatile.Write(ref _asked, 0);
            Guard.Works(Part);
            await _wake.WaitAsync(isDue ? LookAgain : Timeout.InfiniteTimeSpan, cancellationToken);
        }
    }

    /// <returns>false to try again later: something trains, or another program kept the machine busy.</returns>
    private async Task<bool> TryMeasureAsync(string processor, bool isAsked, CancellationToken cancellationToken)
    {
        using var disturbed = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        disturbed.CancelAfter(Patience);
        try
        {
            using var subscription = load.WhenRunsCome(disturbed.CancelAsync, cancellationToken);
            if (await load.HasRunsAsync(cancellationToken)) return false;
            var loaded = await load.IsLoadedAsync(cancellationToken);
            // A second figure under load would be no better than the first.
            if (loaded && !isAsked && speeds.Get(machine.Name) is not null) return false;
            if (await MeasureAsync(disturbed.Token) is not { } speed) return true;
            // Also what began meanwhile and still works.
            loaded = loaded || await load.IsLoadedAsync(cancellationToken);
            speeds.Set(machine.Name, new MeasuredSpeed(speed, processor, Version, time.GetUtcNow(), loaded));
            LogMeasured(speed.Train, speed.Evaluate, speed.Decode);
            return !loaded;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return false;
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            LogFailed(e, "");
            return true;
        }
    }

    private async Task<MachineSpeed?> MeasureAsync(CancellationToken cancellationToken)
    {
        var libtorch = options.Value.LibtorchFolder;
        var start = OwnExecutable.Start(
            MeasureSpeedVerb.Name, libtorch.Length > 0 ? [TrainerOptions.LibtorchArgument, libtorch] : [], options.Value.Kernels);
        if (libtorch.Length > 0) new LibtorchFolder(libtorch).Prepare(start, options.Value.CacheFolder);
        start.RedirectStandardOutput = start.RedirectStandardError = true;
        using var process = Process.Start(start)!;
        _isMeasuring = true;
        try
        {
            var output = process.StandardOutput.ReadToEndAsync(cancellationToken);
            var errors = process.StandardError.ReadToEndAsync(cancellationToken);
            await process.WaitForExitAsync(cancellationToken);
            if (process.ExitCode == 0 && Parse(await output) is { } speed) return speed;
            LogFailed(null, (await errors).Trim());
            return null;
        }
        finally
        {
            _isMeasuring = false;
            // A run that starts now gets the whole machine.
            if (!process.HasExited) process.Kill(entireProcessTree: true);
        }
    }

    /// <summary>The last line is the result; native libraries may print before it.</summary>
    internal static MachineSpeed? Parse(string output)
    {
        try
        {
            return output.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).LastOrDefault() is { } line
                ? JsonSerializer.Deserialize<MachineSpeed>(line, CoreJson.Options)
                : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    [LoggerMessage(LogLevel.Information, "This machine trains {Train:F1}, evaluates {Evaluate:F1} and decodes {Decode:F0} images per "
        + "second")]
    private partial void LogMeasured(double train, double evaluate, double decode);

    [LoggerMessage(LogLevel.Warning, "The speed of this machine could not be measured; estimates stay unknown. {Output}")]
    private partial void LogFailed(Exception? exception, string output);
}

/// <summary>The internal verb <c>measure-speed</c>: a child process measures, since the dashboard never loads libtorch.</summary>
internal static class MeasureSpeedVerb
{
    public const string Name = "measure-speed";

    /// <summary>Prints a <see cref="MachineSpeed"/> as the last line; native libraries may print before it.</summary>
    /// <param name="args">Without the verb itself.</param>
    public static async Task<int> RunAsync(string[] args)
    {
        if (args is [TrainerOptions.LibtorchArgument, var folder]) new LibtorchFolder(folder).Load();
        var speed = SpeedProbe.Measure();
        await Console.Out.WriteLineAsync(JsonSerializer.Serialize(speed, CoreJson.Options));
        return 0;
    }
}

using Dashboard.Processes;
using Dashboard.Protocol;
using Dashboard.Storage;
using Microsoft.Extensions.Options;

namespace Dashboard.Dispatch.Trainers;

/// <summary>Stays with an attempt until its process is gone, and sees to it that the run then has an end with a reason.</summary>
internal sealed partial class AttemptWatch(
    IDispatcher dispatcher, IOptions<DashboardOptions> options, Guard guard, TimeProvider time, ILogger<AttemptWatch> logger)
{
    /// <summary>A trainer that doesn't listen to a stop is asked by the system, then ended.</summary>
    internal static readonly TimeSpan TerminateAfter = TimeSpan.FromSeconds(10);
    internal static readonly TimeSpan KillAfter = TimeSpan.FromSeconds(30);

    /// <summary>More than a finished trainer takes to deliver and leave.</summary>
    private static readonly TimeSpan LingerAtMost = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan LookForEnd = TimeSpan.FromSeconds(5);
    private readonly AttemptEnding _ending = new(dispatcher, options.Value, guard, time, logger);

    /// <summary>Returns when process and run have ended. Cancelling it leaves both as they are.</summary>
    public async Task WatchAsync(int runId, int attempt, TrainerProcess process, CancellationToken cancellationToken)
    {
        var memoryDeaths = OutOfMemoryCount.Read();
        await WaitAsync(runId, attempt, process, cancellationToken);
        LogGone(runId, attempt, process.Identity.Id, process.ExitCode);
        await SettleAsync(runId, attempt, process.ExitCode, OutOfMemoryCount.HasRisenSince(memoryDeaths), cancellationToken);
    }

    /// <inheritdoc cref="AttemptEnding.SettleAsync"/>
    public Task SettleAsync(int runId, int attempt, int? exitCode, bool? outOfMemory, CancellationToken cancellationToken) =>
        _ending.SettleAsync(runId, attempt, folder => new AttemptEnd(
            TrainerDeath.Write(exitCode, outOfMemory, folder, attempt), TrainerDeath.IsFinal(exitCode), File.Exists(folder.Checkpoint)),
            cancellationToken);

    private async Task WaitAsync(int runId, int attempt, TrainerProcess process, CancellationToken cancellationToken)
    {
        var sent = 0;
        var lastLook = time.GetTimestamp();
        long? over = null;
        while (!await process.WaitAsync(Look, cancellationToken))
        {
            if (time.GetElapsedTime(lastLook) >= LookForEnd)
            {
                lastLook = time.GetTimestamp();
                if (over is null && await IsOverAsync(runId, attempt, cancellationToken)) over = lastLook;
            }
            var due = over is { } since && time.GetElapsedTime(since) >= LingerAtMost ? ProcessIdentity.SigKill : DueSignal(runId, attempt);
            if (due <= 0 || due == sent) continue;
            LogSignal(runId, attempt, process.Identity.Id, due);
            process.Identity.Signal(due);
            sent = due;
        }
    }

    private int DueSignal(int runId, int attempt)
    {
        if (dispatcher.StopAskedFor(runId, attempt) is not { } waited) return 0;
        return waited >= KillAfter ? ProcessIdentity.SigKill : waited >= TerminateAfter ? ProcessIdentity.SigTerm : 0;
    }

    private async Task<bool> IsOverAsync(int runId, int attempt, CancellationToken cancellationToken)
    {
        var isOver = false;
        await guard.TryAsync("Asking how attempts stand", async asking =>
            isOver = await dispatcher.StandingAsync(runId, attempt, asking) is not { IsOpen: true }, cancellationToken);
        return isOver;
    }

    [LoggerMessage(LogLevel.Information, "The trainer of run {RunId}, attempt {Attempt} (process {ProcessId}) is gone, exit code "
        + "{ExitCode}")]
    private partial void LogGone(int runId, int attempt, int processId, int? exitCode);

    [LoggerMessage(LogLevel.Warning, "Run {RunId}, attempt {Attempt}: process {ProcessId} is still there, signal {Signal} sent")]
    private partial void LogSignal(int runId, int attempt, int processId, int signal);
}

using Dashboard.Dispatch;
using Dashboard.Runs;
using Microsoft.Extensions.Options;
using Training.Core.Runs;

namespace Dashboard.Trainers;

/// <summary>Stays with an attempt until its process is gone, and sees to it that the run then has an end with a reason.</summary>
internal sealed partial class AttemptWatch(
    IDispatcher dispatcher, IOptions<DashboardOptions> options, TimeProvider time, ILogger<AttemptWatch> logger)
{
    /// <summary>A trainer that doesn't listen to a stop is asked by the system, then ended.</summary>
    internal static readonly TimeSpan TerminateAfter = TimeSpan.FromSeconds(10);
    internal static readonly TimeSpan KillAfter = TimeSpan.FromSeconds(30);

    /// <summary>More than a finished trainer takes to deliver and leave.</summary>
    private static readonly TimeSpan LingerAtMost = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan LookForEnd = TimeSpan.FromSeconds(5);
    private const int ReplayChunk = 5_000;

    /// <summary>Returns when process and run have ended. Cancelling it leaves both as they are.</summary>
    public async Task WatchAsync(int runId, int attempt, TrainerProcess process, CancellationToken stop)
    {
        var memoryDeaths = OutOfMemoryCount.Read();
        await WaitAsync(runId, attempt, process, stop);
        LogGone(runId, attempt, process.Identity.Id, process.ExitCode);
        await SettleAsync(runId, attempt, process.ExitCode, OutOfMemoryCount.HasRisenSince(memoryDeaths), stop);
    }

    /// <summary>Stores what a dead trainer's journal holds; if that has no end, the run goes on with another attempt, fails, or is stopped if that was asked.</summary>
    public async Task SettleAsync(int runId, int attempt, int? exitCode, bool? outOfMemory, CancellationToken stop)
    {
        for (var pause = TimeSpan.FromMilliseconds(200); ; pause = TimeSpan.FromSeconds(2))
        {
            try
            {
                // Before the journal's end closes the attempt, or another machine takes the run up: after that no file of it is taken.
                if (await dispatcher.StandingAsync(runId, attempt, stop) is { IsOpen: true }) await dispatcher.DeliverAsync(runId, attempt, stop);
                if (await ReplayAsync(runId, attempt, stop))
                {
                    var folder = options.Value.RunFolder(runId);
                    if (await WasAskedToStopAsync(runId, attempt, stop)) await StopAsync(runId, attempt, folder, stop);
                    else await dispatcher.EndAsync(runId, attempt, new AttemptEnd(
                        Obituary.Write(exitCode, outOfMemory, folder), Obituary.IsFinal(exitCode), File.Exists(folder.Checkpoint)), stop);
                }
                dispatcher.Forget(runId);
                return;
            }
            catch (Exception e) when (!stop.IsCancellationRequested)
            {
                // A locked database or a full disk passes; a run that nobody ends would train for ever on the page.
                LogSettleFailed(e, runId, attempt);
                await Task.Delay(pause, time, stop);
            }
        }
    }

    private async Task WaitAsync(int runId, int attempt, TrainerProcess process, CancellationToken stop)
    {
        var sent = 0;
        var lastLook = time.GetTimestamp();
        long? over = null;
        while (!await process.WaitAsync(Look, stop))
        {
            if (time.GetElapsedTime(lastLook) >= LookForEnd)
            {
                lastLook = time.GetTimestamp();
                if (over is null && await IsOverAsync(runId, attempt, stop)) over = lastLook;
            }
            var due = over is { } since && time.GetElapsedTime(since) >= LingerAtMost ? ProcessIdentity.SigKill : DueSignal(runId);
            if (due <= 0 || due == sent) continue;
            LogSignal(runId, attempt, process.Identity.Id, due);
            process.Identity.Signal(due);
            sent = due;
        }
    }

    private int DueSignal(int runId)
    {
        if (dispatcher.StopAskedFor(runId) is not { } waited) return 0;
        return waited >= KillAfter ? ProcessIdentity.SigKill : waited >= TerminateAfter ? ProcessIdentity.SigTerm : 0;
    }

    private async Task<bool> IsOverAsync(int runId, int attempt, CancellationToken stop)
    {
        try
        {
            return await dispatcher.StandingAsync(runId, attempt, stop) is not { IsOpen: true };
        }
        catch (Exception e) when (!stop.IsCancellationRequested)
        {
            LogSettleFailed(e, runId, attempt);
            return false;
        }
    }

    /// <returns>Whether the attempt is still open afterwards.</returns>
    private async Task<bool> ReplayAsync(int runId, int attempt, CancellationToken stop)
    {
        while (await dispatcher.StandingAsync(runId, attempt, stop) is { IsOpen: true } standing)
        {
            var entries = ReadJournal(runId, attempt, standing.LastSequence);
            if (entries.Count == 0) return true;
            LogReplay(runId, attempt, entries.Count);
            try
            {
                if (await dispatcher.ApplyAsync(runId, attempt, entries, stop) <= standing.LastSequence) return true;
            }
            catch (StaleAttemptException)
            {
                return false;
            }
        }
        return false;
    }

    private IReadOnlyList<JournalEntry> ReadJournal(int runId, int attempt, long after)
    {
        try
        {
            return Journal.Read(options.Value.RunFolder(runId).Journal(attempt), after, ReplayChunk);
        }
        catch (InvalidDataException e)
        {
            // What can't be read can't be told; the run still gets its end.
            LogDamaged(e, runId, attempt);
            return [];
        }
    }

    private async Task<bool> WasAskedToStopAsync(int runId, int attempt, CancellationToken stop) =>
        dispatcher.StopAskedFor(runId) is not null || await dispatcher.StandingAsync(runId, attempt, stop) is { StopRequested: true };

    /// <summary>Writes the end that the trainer owes into its journal, so that journal and database tell the same story.</summary>
    private async Task StopAsync(int runId, int attempt, RunFolder folder, CancellationToken stop)
    {
        var standing = await dispatcher.StandingAsync(runId, attempt, stop);
        var kept = standing?.BestEpoch is { } best
            ? FormattableString.Invariant($"the weights of epoch {best} are kept.")
            : "no epoch had been evaluated, so there are no weights to keep.";
        JournalEntry ended;
        using (var journal = Journal.Open(folder.Journal(attempt), time))
        {
            ended = journal.Append(new Ended(
                RunOutcome.Stopped, "Stopped: the trainer did not end by itself; " + kept, standing?.BestEpoch, standing?.BestValAccuracy, standing?.Seconds ?? 0));
        }
        await dispatcher.ApplyAsync(runId, attempt, [ended], stop);
    }

    [LoggerMessage(LogLevel.Information, "The trainer of run {RunId}, attempt {Attempt} (process {ProcessId}) is gone, exit code {ExitCode}")]
    private partial void LogGone(int runId, int attempt, int processId, int? exitCode);

    [LoggerMessage(LogLevel.Information, "Run {RunId}, attempt {Attempt}: {Count} events taken from its journal")]
    private partial void LogReplay(int runId, int attempt, int count);

    [LoggerMessage(LogLevel.Error, "Run {RunId}, attempt {Attempt}: its journal is damaged")]
    private partial void LogDamaged(Exception exception, int runId, int attempt);

    [LoggerMessage(LogLevel.Warning, "Run {RunId}, attempt {Attempt}: process {ProcessId} is still there, signal {Signal} sent")]
    private partial void LogSignal(int runId, int attempt, int processId, int signal);

    [LoggerMessage(LogLevel.Error, "Run {RunId}, attempt {Attempt}: its state could not be settled, trying again")]
    private partial void LogSettleFailed(Exception exception, int runId, int attempt);
}

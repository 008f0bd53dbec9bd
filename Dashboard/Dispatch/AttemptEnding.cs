using Dashboard.Dispatch.Hubs;
using Dashboard.Dispatch.Words;
using Dashboard.Processes;
using Dashboard.Protocol;
using Dashboard.Runs;
using Dashboard.Storage;
using Training.Core.Runs;

namespace Dashboard.Dispatch;

/// <summary>Sees to it that an attempt whose trainer is gone has an end with a reason.</summary>
internal sealed partial class AttemptEnding(IAttempts attempts, DashboardOptions options, Guard guard, TimeProvider time, ILogger logger)
{
    private const string Part = "Settling how attempts ended";

    private const int ReplayChunk = 5_000;

    /// <summary>Shorter than the guard's own: somebody looks at a run that seems to train.</summary>
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(200), LongestPause = TimeSpan.FromSeconds(2);

    /// <summary>
    /// Stores what a dead trainer's journal holds; if that has no end, the run goes on with another attempt, fails, or is stopped if that
    /// was asked.
    /// </summary>
    /// <param name="write">Says how the trainer died.</param>
    /// <remarks>A locked database or a full disk passes; a run that nobody ends would train for ever on the page.</remarks>
    public Task SettleAsync(int runId, int attempt, Func<RunFolder, AttemptEnd> write, CancellationToken cancellationToken) =>
        guard.UntilItWorksAsync(
            Part, settling => SettleOnceAsync(runId, attempt, write, settling), cancellationToken, new Backoff(FirstPause, LongestPause));

    private async Task SettleOnceAsync(
        int runId, int attempt, Func<RunFolder, AttemptEnd> write, CancellationToken cancellationToken)
    {
        // Before the journal's end closes the attempt, or another machine takes the run up: after that no file of it is taken.
        if (await attempts.StandingAsync(runId, attempt, cancellationToken) is { IsOpen: true })
            await attempts.DeliverAsync(runId, attempt, cancellationToken);
        if (await ReplayAsync(runId, attempt, cancellationToken))
        {
            var folder = options.RunFolder(runId);
            if (await WasAskedToStopAsync(runId, attempt, cancellationToken)) await StopAsync(runId, attempt, folder, cancellationToken);
            else await attempts.EndAsync(runId, attempt, write(folder), cancellationToken);
        }
        attempts.Forget(runId, attempt);
    }

    /// <returns>Whether the attempt is still open afterwards.</returns>
    private async Task<bool> ReplayAsync(int runId, int attempt, CancellationToken cancellationToken)
    {
        while (await attempts.StandingAsync(runId, attempt, cancellationToken) is { IsOpen: true } standing)
        {
            var entries = ReadJournal(runId, attempt, standing.LastSequence);
            if (entries.Count == 0) return true;
            LogReplay(runId, attempt, entries.Count);
            try
            {
                if (await attempts.ApplyAsync(runId, attempt, entries, cancellationToken) <= standing.LastSequence) return true;
            }
            catch (StaleAttemptException)
            {
                return false;
            }
            catch (ImpossibleReportException e)
            {
                // The entry would be refused again and again, and so would what comes after it.
                await attempts.EndAsync(runId, attempt,
                    new AttemptEnd(AttemptWords.ReportedImpossible(e.Message), IsFinal: true, HasCheckpoint: false),
                    cancellationToken);
                return false;
            }
        }
        return false;
    }

    private IReadOnlyList<JournalEntry> ReadJournal(int runId, int attempt, long after)
    {
        try
        {
            return Journal.Read(options.RunFolder(runId).Journal(attempt), after, ReplayChunk);
        }
        catch (InvalidDataException e)
        {
            // What can't be read can't be told; the run still gets its end.
            LogDamaged(e, runId, attempt);
            return [];
        }
    }

    private async Task<bool> WasAskedToStopAsync(int runId, int attempt, CancellationToken cancellationToken) =>
        attempts.StopAskedFor(runId, attempt) is not null
        || await attempts.StandingAsync(runId, attempt, cancellationToken) is { StopRequested: true };

    /// <summary>Writes the end that the trainer owes into its journal, so that journal and database tell the same story.</summary>
    private async Task StopAsync(int runId, int attempt, RunFolder folder, CancellationToken cancellationToken)
    {
        var standing = await attempts.StandingAsync(runId, attempt, cancellationToken);
        // One that never spoke had not begun.
        var words = standing is { LastSequence: 0 }
            ? AttemptWords.StoppedBeforeItsTrainerBegan(standing.BestEpoch) : AttemptWords.StoppedByForce(standing?.BestEpoch);
        JournalEntry ended;
        using (var journal = Journal.Open(folder.Journal(attempt), time))
        {
            ended = journal.Append(
                new Ended(RunOutcome.Stopped, words, standing?.BestEpoch, standing?.BestValAccuracy, standing?.Seconds ?? 0));
        }
        await attempts.ApplyAsync(runId, attempt, [ended], cancellationToken);
    }

    [LoggerMessage(LogLevel.Information, "Run {RunId}, attempt {Attempt}: {Count} events taken from its journal")]
    private partial void LogReplay(int runId, int attempt, int count);

    [LoggerMessage(LogLevel.Error, "Run {RunId}, attempt {Attempt}: its journal is damaged")]
    private partial void LogDamaged(Exception exception, int runId, int attempt);
}

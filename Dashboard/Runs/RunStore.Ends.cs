using Dashboard.Runs.Words;
using Dashboard.Storage;
using Training.Core.Runs;

namespace Dashboard.Runs;

// Ends that no trainer reported.
public sealed partial class RunStore
{
    /// <summary>So many deaths in a row without progress have a cause that another attempt won't find away.</summary>
    public const int MostDeaths = 3;

    /// <summary>
    /// Ends a live attempt whose trainer is gone without an <see cref="Ended"/> event: as Failed, or as Stopped when someone had
    /// asked it to stop.
    /// </summary>
    /// <returns>false when the attempt had ended already.</returns>
    public Task<bool> FailAsync(int runId, int attempt, string reason, CancellationToken cancellationToken = default) =>
        ChangeAsync(runId, async (db, run) =>
        {
            if (run.Attempt != attempt || !run.State.IsLive()) return false;
            run.Move(run.StopRequested ? RunState.Stopped : RunState.Failed, reason);
            run.EndedAt = time.GetUtcNow();
            (run.Phase, run.PhaseFraction) = ("", null);
            run.LostContactAt = null;
            if (await db.Attempts.FindAsync([runId, attempt], cancellationToken) is { } row)
                (row.EndedAt, row.Reason) = (run.EndedAt, reason);
            return true;
        }, cancellationToken);

    /// <summary>
    /// Ends a live attempt whose trainer died: the run goes back into the queue and goes on from its checkpoint, unless someone wanted it
    /// to stop or pause, or <see cref="MostDeaths"/> attempts in a row got no further than the one before.
    /// </summary>
    /// <param name="reason">How the trainer died; the first line says it in short.</param>
    /// <returns>false when the attempt had ended already.</returns>
    /// <param name="hasCheckpoint">Whether the next attempt has something to go on from.</param>
    public Task<bool> DieAsync(int runId, int attempt, string reason, bool hasCheckpoint, CancellationToken cancellationToken = default) =>
        ChangeAsync(runId, async (db, run) =>
        {
            if (run.Attempt != attempt || !run.State.IsLive()) return false;
            var row = await db.Attempts.FindAsync([runId, attempt], cancellationToken);
            run.Deaths = row is not null && run.Step > row.FirstStep ? 0 : run.Deaths + 1;
            var (state, words) = AfterDeath(run, reason, hasCheckpoint);
            run.Move(state, words);
            (run.Phase, run.PhaseFraction) = ("", null);
            run.LostContactAt = null;
            var now = time.GetUtcNow();
            if (state != RunState.Queued) run.EndedAt = now;
            if (row is not null) (row.EndedAt, row.Reason, row.Died) = (now, reason, true);
            // The next attempt's log begins with why there is one.
            if (state == RunState.Queued)
                db.Logs.Add(new LogRow { RunId = runId, Attempt = attempt + 1, Sequence = 0, Level = RunLogLevel.Warning, Text = words,
                    At = now });
            return true;
        }, cancellationToken);

    /// <summary>Notes since when nobody answers for a live attempt, or that somebody does again.</summary>
    /// <returns>false when that was known, or the attempt has ended.</returns>
    internal Task<bool> SetContactAsync(int runId, int attempt, DateTimeOffset? lostAt, CancellationToken cancellationToken) =>
        ChangeAsync(runId, (_, run) =>
        {
            if (run.Attempt != attempt || !run.State.IsLive() || run.LostContactAt.HasValue == lostAt.HasValue)
                return Task.FromResult(false);
            run.LostContactAt = lostAt;
            return Task.FromResult(true);
        }, cancellationToken);

    private static (RunState State, string Words) AfterDeath(RunRow run, string reason, bool hasCheckpoint)
    {
        if (run.StopRequested) return (RunState.Stopped, reason);
        if (run.PauseRequested) return (RunState.Paused, reason);
        if (run.Deaths >= MostDeaths)
            return (RunState.Failed, RunWords.DiedWithoutProgress(run.Deaths, reason));
        var (death, next) = (reason.Split('\n')[0], run.Attempt + 1);
        return (RunState.Queued, hasCheckpoint ? RunWords.GoesOnFromCheckpoint(death, next) : RunWords.StartsAgain(death, next));
    }
}

using System.Data.Common;
using Dashboard.Runs.Events;
using Dashboard.Runs.Words;
using Dashboard.Storage;
using Microsoft.EntityFrameworkCore;
using Training.Core.Recipes;
using Training.Core.Runs;

namespace Dashboard.Runs;

public sealed partial class RunStore
{
    /// <summary>Another dashboard over the same database may be faster a few times, not for ever.</summary>
    private const int MostTries = 20;

    private const string UniqueViolation = "23505";

    /// <summary>
    /// Stores what is new of <paramref name="entries"/> (by sequence number) and applies it, in one transaction; then tells the feed.
    /// </summary>
    /// <remarks>Entries after a gap are refused: the trainer sends again from the number that comes back.</remarks>
    /// <returns>The highest sequence number stored for this attempt.</returns>
    /// <exception cref="StaleAttemptException">The run has moved on to another attempt, has ended, or is gone.</exception>
    public async Task<long> ApplyAsync(
        int runId, int attempt, IReadOnlyList<JournalEntry> entries, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(entries);
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var (last, stored, moved) = await StoreAsync(db, runId, attempt, entries, cancellationToken);
        if (stored) await TellAsync(db, runId, moved);
        return last;
    }

    /// <summary>A queued run ends at once; a live one is marked, so that its trainer hears of it whenever it attaches.</summary>
    internal Task<RunRequest> RequestStopAsync(int runId, CancellationToken cancellationToken) =>
        RequestAsync(runId, async (db, run) =>
        {
            if (run.State.IsEnded()) return false;
            run.StopRequested = true;
            if (!run.State.IsLive() && run.Move(RunState.Stopped, StoppedWords(run))) await EndAtRestAsync(db, run, cancellationToken);
            return true;
        }, cancellationToken);

    /// <summary>A queued run is held at once; a live one is marked, so that its trainer hears of it whenever it attaches.</summary>
    internal Task<RunRequest> RequestPauseAsync(int runId, CancellationToken cancellationToken) =>
        RequestAsync(runId, async (db, run) =>
        {
            if (run.State == RunState.Queued && run.Move(RunState.Paused, RunWords.HeldBack))
                await EndAtRestAsync(db, run, cancellationToken);
            else if (run.State.IsLive() && !run.StopRequested) run.PauseRequested = true;
            else return false;
            return true;
        }, cancellationToken);

    /// <summary>Puts a run that rests back into the queue, in its old place; its trainer goes on from the checkpoint.</summary>
    /// <returns>false when it is waiting, live or completed.</returns>
    internal Task<bool> ResumeAsync(int runId, CancellationToken cancellationToken) =>
        ChangeAsync(runId, (_, run) =>
        {
            if (!run.Move(RunState.Queued, "")) return Task.FromResult(false);
            run.StopRequested = run.PauseRequested = false;
            run.Deaths = 0;
            run.EndedAt = null;
            return Task.FromResult(true);
        }, cancellationToken);

    /// <summary>The order of those that wait, written anew with one of them elsewhere in it; it takes the priority of the place.</summary>
    /// <param name="before">Null: to the front.</param>
    /// <returns>false when one of them doesn't wait.</returns>
    internal async Task<bool> MoveInQueueAsync(int runId, int? before, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        using (await _gate.EnterAsync(db, 0, cancellationToken))
        {
            var waiting = await InOrder(db.Runs.Where(row => row.State == RunState.Queued)).ToListAsync(cancellationToken);
            if (waiting.Find(row => row.Id == runId) is not { } moved || before is { } id && waiting.TrueForAll(row => row.Id != id))
                return false;
            if (before == runId) return true;
            waiting.Remove(moved);
            var place = before is { } next ? waiting.FindIndex(row => row.Id == next) : 0;
            if (place < waiting.Count)
                moved.Priority = before is null && moved.Priority > waiting[place].Priority ? moved.Priority : waiting[place].Priority;
            waiting.Insert(place, moved);
            // Negative: a run that is submitted later comes after all of them.
            for (var i = 0; i < waiting.Count; i++) waiting[i].Place = i - waiting.Count;
            if (!await TrySaveAsync(db, 1 + 1, cancellationToken)) return false;
        }
        await TellAsync(db, runId, moved: true);
        return true;
    }

    /// <summary>Among those of the same priority it keeps the order that they had.</summary>
    /// <returns>false when it has ended.</returns>
    internal Task<bool> SetPriorityAsync(int runId, RunPriority priority, CancellationToken cancellationToken) =>
        ChangeAsync(runId, (_, run) =>
        {
            if (run.State.IsEnded()) return Task.FromResult(false);
            run.Priority = priority;
            return Task.FromResult(true);
        }, cancellationToken);

    internal Task<bool> RenameAsync(int runId, string name, CancellationToken cancellationToken) =>
        ChangeAsync(runId, (_, run) =>
        {
            run.Name = name;
            return Task.FromResult(true);
        }, cancellationToken);

    /// <summary>Stores a new run together with its files: both or neither.</summary>
    /// <param name="place">Puts the files in place for the run's id; when it throws, nothing is stored.</param>
    internal async Task AddAsync(RunRow run, Action<int> place, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        using (await _gate.EnterAsync(db, 0, cancellationToken))
        {
            await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
            db.Runs.Add(run);
            await db.SaveChangesAsync(cancellationToken);
            place(run.Id);
            // From here on the files are there: a cancelled request must not leave them without their row.
            await transaction.CommitAsync(CancellationToken.None);
        }
        feed.Changed(run.Id);
        feed.QueueMoved();
    }

    /// <summary>Removes a run's rows.</summary>
    /// <returns>false when it is live or gone.</returns>
    internal async Task<bool> RemoveAsync(int runId, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        int removed;
        using (await _gate.EnterAsync(db, runId, cancellationToken))
        {
            removed = await db.Runs.Where(row => row.Id == runId
                && row.State != RunState.Preparing && row.State != RunState.Training).ExecuteDeleteAsync(cancellationToken);
        }
        if (removed == 0) return false;
        _curves.Forget(runId);
        _tails.Forget(runId);
        await TellAsync(db, runId, moved: true);
        return true;
    }

    private async Task<(long Last, bool Stored, bool Moved)> StoreAsync(
        DashboardDb db, int runId, int attempt, IReadOnlyList<JournalEntry> entries, CancellationToken cancellationToken)
    {
        using (await _gate.EnterAsync(db, runId, cancellationToken))
        {
            for (var left = MostTries; ; left--)
            {
                var run = await db.Runs.FindAsync([runId], cancellationToken)
                    ?? throw new StaleAttemptException(RunWords.IsGone(runId));
                var current = await db.Attempts.FindAsync([runId, attempt], cancellationToken);
                if (current is null || run.Attempt != attempt)
                    throw new StaleAttemptException(RunWords.HasMovedOn(runId, run.Attempt));
                var fresh = Fresh(entries, current.LastSequence);
                if (fresh.Count == 0) return (current.LastSequence, false, false);
                var (before, step) = (run.State, run.Step);
                if (!before.IsLive()) throw new StaleAttemptException(RunWords.IsOver(runId, before, run.Reason));
                var events = new RunEvents(run, current);
                foreach (var entry in fresh) events.Apply(entry);
                run.LastEventAt = time.GetUtcNow();
                run.LostContactAt = null;
                db.AddRange(events.Steps);
                db.AddRange(events.Epochs);
                db.AddRange(events.Logs);
                // Whatever happened to the run meanwhile, the next look at it says.
                if (!await TrySaveAsync(db, left, cancellationToken)) continue;
                _curves.Add(runId, events.Steps, events.Epochs);
                if (run.State.IsLive()) _tails.Add(runId, step, events.Steps);
                else _tails.Forget(runId);
                return (current.LastSequence, true, run.State != before);
            }
        }
    }

    private static string StoppedWords(RunRow run) => run switch
    {
        { State: RunState.Queued, Attempt: 0 } => RunWords.StoppedBeforeItStarted,
        { BestEpoch: { } epoch } => RunWords.StoppedAtRest(epoch),
        _ => RunWords.StoppedAtRestWithoutModel,
    };

    /// <summary>For a run that isn't live: it ended with its last attempt, since a pause or a wait in the queue is no part of it.</summary>
    private async Task EndAtRestAsync(DashboardDb db, RunRow run, CancellationToken cancellationToken) =>
        run.EndedAt ??= (await db.Attempts.FindAsync([run.Id, run.Attempt], cancellationToken))?.EndedAt ?? time.GetUtcNow();

    /// <summary>What follows the last stored entry without a gap.</summary>
    private static List<JournalEntry> Fresh(IReadOnlyList<JournalEntry> entries, long last)
    {
        var fresh = new List<JournalEntry>(entries.Count);
        foreach (var entry in entries)
        {
            if (entry.Sequence <= last) continue;
            if (entry.Sequence != last + 1) break;
            fresh.Add(entry);
            last = entry.Sequence;
        }
        return fresh;
    }

    private async Task<RunRequest> RequestAsync(
        int runId, Func<DashboardDb, RunRow, Task<bool>> change, CancellationToken cancellationToken)
    {
        RunRow? seen = null;
        var isTaken = await ChangeAsync(runId, (db, run) => change(db, seen = run), cancellationToken);
        return new RunRequest(seen, isTaken);
    }

    /// <returns>false when there is no such run or <paramref name="change"/> said so.</returns>
    private async Task<bool> ChangeAsync(int runId, Func<DashboardDb, RunRow, Task<bool>> change, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        for (var left = MostTries; ; left--)
        {
            bool moved;
            using (await _gate.EnterAsync(db, runId, cancellationToken))
            {
                if (await db.Runs.FindAsync([runId], cancellationToken) is not { } run) return false;
                var (state, priority) = (run.State, run.Priority);
                if (!await change(db, run)) return false;
                moved = run.State != state || run.State == RunState.Queued && run.Priority != priority;
                if (!await TrySaveAsync(db, left, cancellationToken)) continue;
            }
            await TellAsync(db, runId, moved);
            return true;
        }
    }

    /// <summary>
    /// State and attempt are concurrency tokens: a row that another process moved on meanwhile isn't overwritten, and what it has stored
    /// meanwhile isn't stored twice.
    /// </summary>
    /// <param name="left">Tries that are left; the last one throws.</param>
    private static async Task<bool> TrySaveAsync(DashboardDb db, int left, CancellationToken cancellationToken)
    {
        try
        {
            await db.SaveChangesAsync(cancellationToken);
            return true;
        }
        catch (DbUpdateException exception) when (left > 1
            && exception is DbUpdateConcurrencyException or { InnerException: DbException { SqlState: UniqueViolation } })
        {
            db.ChangeTracker.Clear();
            return false;
        }
    }

    /// <summary>Another dashboard stored something.</summary>
    /// <param name="runId">Null: maybe of any run.</param>
    internal void ChangedElsewhere(int? runId)
    {
        _curves.Doubt(runId);
        feed.ChangedElsewhere(runId);
    }

    /// <param name="moved">The run came into the queue or left it, begins or ends, or has another place in it.</param>
    private async Task TellAsync(DashboardDb db, int runId, bool moved)
    {
        feed.Changed(runId);
        if (!moved) return;
        feed.QueueMoved();
        // Each of those that wait says how many are before it.
        foreach (var waiting in await db.Runs.Where(row => row.State == RunState.Queued).Select(row => row.Id).ToListAsync())
            feed.Changed(waiting);
    }
}

using Dashboard.Processes;
using Dashboard.Protocol;
using Dashboard.Runs.Events;
using Dashboard.Runs.Words;
using Dashboard.Storage;
using Microsoft.EntityFrameworkCore;
using Training.Core.Metrics;
using Training.Core.Recipes;

namespace Dashboard.Runs;

/// <summary>The one truth about runs: stores events, applies them to the run's row, then tells <see cref="RunFeed"/>.</summary>
/// <remarks>What is asked stands here, what changes in RunStore.Changes.cs.</remarks>
public sealed partial class RunStore(IDbContextFactory<DashboardDb> databases, RunFeed feed, TimeProvider time)
{
    private readonly CurveCache _curves = new(databases);
    private readonly StepTails _tails = new();
    private readonly RunWriteGate _gate = new();

    /// <summary>Live ones on top, then queued in order, then paused ones, then ended ones, newest first.</summary>
    public async Task<IReadOnlyList<RunRow>> ListAsync(CancellationToken cancellationToken = default)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var runs = await db.Runs.AsNoTracking().ToListAsync(cancellationToken);
        var live = runs.Where(run => run.State.IsLive()).OrderBy(run => run.Id).ToList();
        var queued = InOrder(runs.Where(run => run.State == RunState.Queued).AsQueryable()).ToList();
        for (var i = 0; i < queued.Count; i++) queued[i].Reason = WaitingWords(queued[i], live.Count + i);
        var ended = runs.Where(run => run.State.IsEnded()).OrderByDescending(run => run.EndedAt).ThenByDescending(run => run.Id);
        var paused = runs.Where(run => run.State == RunState.Paused).OrderByDescending(run => run.EndedAt).ThenByDescending(run => run.Id);
        return [.. live, .. queued, .. paused, .. ended];
    }

    public async Task<RunRow?> GetAsync(int runId, CancellationToken cancellationToken = default)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var run = await db.Runs.AsNoTracking().FirstOrDefaultAsync(row => row.Id == runId, cancellationToken);
        if (run?.State == RunState.Queued) run.Reason = WaitingWords(run, await BeforeAsync(db, run, cancellationToken));
        return run;
    }

    public async Task<IReadOnlyList<EpochRow>> EpochsAsync(int runId, CancellationToken cancellationToken = default)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        return await Possible(db.Epochs).Where(epoch => epoch.RunId == runId).OrderBy(epoch => epoch.Epoch).ToListAsync(cancellationToken);
    }

    /// <summary>Steps above <paramref name="after"/> in order, the newest <paramref name="limit"/> of them.</summary>
    public async Task<IReadOnlyList<StepRow>> StepsAsync(int runId, int after, int limit, CancellationToken cancellationToken = default)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var steps = await db.Steps.AsNoTracking().Where(step => step.RunId == runId && step.Step > after)
            .OrderByDescending(step => step.Step).Take(limit).ToListAsync(cancellationToken);
        steps.Reverse();
        return steps;
    }

    /// <summary>The same for somebody who follows a run: what has just been stored is not read again.</summary>
    /// <param name="run">As it was just read.</param>
    internal async Task<IReadOnlyList<StepRow>> NewStepsAsync(RunRow run, int after, int limit) =>
        run.Step <= after ? [] : _tails.Find(run.Id, after, run.Step) is { } steps && steps.Count <= limit
        ? steps : await StepsAsync(run.Id, after, limit);

    /// <summary>Validation accuracy per epoch of many runs at once, for sparklines. Runs without an epoch are left out.</summary>
    public async Task<IReadOnlyDictionary<int, IReadOnlyList<double>>> AccuraciesAsync(
        IReadOnlyCollection<int> runIds, CancellationToken cancellationToken = default)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var epochs = await Possible(db.Epochs).Where(epoch => runIds.Contains(epoch.RunId)).OrderBy(epoch => epoch.Epoch)
            .Select(epoch => new { epoch.RunId, epoch.ValAccuracy }).ToListAsync(cancellationToken);
        return epochs.GroupBy(epoch => epoch.RunId)
            .ToDictionary(run => run.Key, IReadOnlyList<double> (run) => [.. run.Select(epoch => epoch.ValAccuracy)]);
    }

    /// <summary>The newest lines of the log, oldest first.</summary>
    public async Task<IReadOnlyList<LogRow>> LogAsync(int runId, int limit = 2000, CancellationToken cancellationToken = default)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var lines = await db.Logs.AsNoTracking().Where(line => line.RunId == runId)
            .OrderByDescending(line => line.Attempt).ThenByDescending(line => line.Sequence).Take(limit).ToListAsync(cancellationToken);
        lines.Reverse();
        return lines;
    }

    /// <summary>A series for a chart; x is the step (an epoch's values stand at its last step).</summary>
    /// <remarks>The first call for a run reads its points into memory (a second or so per million); later ones take milliseconds.</remarks>
    public Task<CurveView> CurveAsync(
        int runId, RunSeries series, double?
        from = null, double? to = null, int maxBuckets = 500, double smoothing = 0, CancellationToken cancellationToken = default) =>
        _curves.ViewAsync(runId, series, from, to, maxBuckets, smoothing, cancellationToken);

    /// <summary>
    /// An attempt and its run, whatever their state: the hub checks the trainer's token with it. Null when there is no such attempt.
    /// </summary>
    public async Task<(RunRow Run, AttemptRow Attempt)?> AttemptAsync(int runId, int number, CancellationToken cancellationToken = default)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var run = await db.Runs.AsNoTracking().FirstOrDefaultAsync(row => row.Id == runId, cancellationToken);
        var attempt = await db.Attempts.AsNoTracking()
            .FirstOrDefaultAsync(row => row.RunId == runId && row.Number == number, cancellationToken);
        return run is null || attempt is null ? null : (run, attempt);
    }

    /// <summary>All launches of a run, in order.</summary>
    public async Task<IReadOnlyList<AttemptRow>> AttemptsAsync(int runId, CancellationToken cancellationToken = default)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        return await db.Attempts.AsNoTracking().Where(row => row.RunId == runId).OrderBy(row => row.Number).ToListAsync(cancellationToken);
    }

    /// <summary>Preparing or training runs of a machine with their current attempt: what a restart takes up again.</summary>
    public async Task<IReadOnlyList<(
        RunRow Run, AttemptRow Attempt)>> LiveOnAsync(string machine, CancellationToken cancellationToken = default)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var live = await (
            from run in db.Runs.AsNoTracking()
            join attempt in db.Attempts.AsNoTracking() on new { RunId = run.Id, Number = run.Attempt } equals new { attempt.RunId,
                attempt.Number }
            where (run.State == RunState.Preparing || run.State == RunState.Training) && attempt.Machine == machine
            orderby run.Id
            select new { run, attempt }).ToListAsync(cancellationToken);
        return [.. live.Select(pair => (pair.run, pair.attempt))];
    }

    /// <summary>Earlier versions stored whatever number a trainer gave an epoch.</summary>
    private static IQueryable<EpochRow> Possible(IQueryable<EpochRow> epochs) =>
        epochs.AsNoTracking().Where(epoch => epoch.Epoch >= 0 && epoch.Epoch <= MessageRules.MostEpochs);

    private static Task<int> BeforeAsync(DashboardDb db, RunRow run, CancellationToken cancellationToken) =>
        db.Runs.CountAsync(row => row.State == RunState.Preparing || row.State == RunState.Training
            || (row.State == RunState.Queued && (row.Priority > run.Priority
                || row.Priority == run.Priority && (row.Place < run.Place || row.Place == run.Place && row.Id < run.Id))),
                cancellationToken);

    /// <summary>The queue's one order.</summary>
    private static IOrderedQueryable<RunRow> InOrder(IQueryable<RunRow> waiting) =>
        waiting.OrderByDescending(row => row.Priority).ThenBy(row => row.Place).ThenBy(row => row.Id);

    /// <summary>All runs that prepare or train, whatever machine they are on, with whether anybody answers for them.</summary>
    internal async Task<IReadOnlyList<RunRow>> LiveAsync(CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        return await db.Runs.AsNoTracking().Where(run => run.State == RunState.Preparing || run.State == RunState.Training)
            .ToListAsync(cancellationToken);
    }

    /// <summary>A run's place in the queue, after why it is there again if its trainer died or its cluster refused it.</summary>
    private static string WaitingWords(RunRow run, int before)
    {
        var place = before switch
        {
            0 when run.BoundTo == Recipe.AnyGpu => RunWords.WaitsForGpu,
            0 when run.BoundTo == Recipe.AnyCpu => RunWords.WaitsForProcessor,
            0 when run.BoundTo.Length > 0 => RunWords.WaitsForDeviceOf(run.BoundTo),
            0 => RunWords.WaitsForDevice,
            _ => RunWords.WaitsBehind(before),
        };
        return run.Reason.Length > 0 ? RunWords.WaitsAgain(run.Reason, place) : place;
    }
}

public enum RunSeries { TrainLoss, LearningRate, ImagesPerSecond, EpochTrainLoss, ValLoss, ValAccuracy }

/// <summary>Events of an attempt that is not the run's current one, or of a run that has ended.</summary>
public sealed class StaleAttemptException(string message) : RefusalException(message);

using System.Text.Json;
using Dashboard.Storage;
using Microsoft.EntityFrameworkCore;
using Training.Core.Runs;

namespace Dashboard.Runs;

/// <remarks>What lists show: never more than they show, whatever the number of runs.</remarks>
public sealed partial class RunStore
{
    public async Task<RunTally> TallyAsync(CancellationToken cancellationToken = default)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        return await TallyAsync(db, cancellationToken);
    }

    /// <summary>A part of the runs that a filter keeps, in the order of <see cref="ListAsync"/>.</summary>
    /// <param name="filter">Has to be one that the database can evaluate.</param>
    public async Task<RunListPage> PageAsync(
        Func<IQueryable<RunRow>, IQueryable<RunRow>> filter, int skip, int take, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(filter);
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var tally = await TallyAsync(db, cancellationToken);
        var matching = filter(db.Runs.AsNoTracking());
        var runs = await matching
            .OrderBy(run => run.State == RunState.Preparing || run.State == RunState.Training ? 0 : run.State == RunState.Queued
                ? 1 : run.State == RunState.Paused ? 2 : 3)
            .ThenByDescending(run => run.State == RunState.Queued ? run.Priority : 0)
                .ThenBy(run => run.State == RunState.Queued ? run.Place : 0).ThenByDescending(run => run.EndedAt)
                    .ThenBy(run => run.EndedAt == null ? run.Id : -run.Id)
            .Skip(skip).Take(take).ToListAsync(cancellationToken);
        var places = new Dictionary<int, int>();
        if (runs.Exists(run => run.State == RunState.Queued))
        {
            var queue = await InOrder(db.Runs.Where(run => run.State == RunState.Queued)).Select(run => run.Id)
                .ToListAsync(cancellationToken);
            for (var i = 0; i < queue.Count; i++) places[queue[i]] = i + 1;
        }
        return new RunListPage(runs, await matching.CountAsync(cancellationToken), tally, places);
    }

    /// <summary>The datasets that runs were trained on, as the runs name them.</summary>
    public async Task<IReadOnlyList<(int Id, string Name)>> DatasetsOfRunsAsync(CancellationToken cancellationToken = default)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var named = await db.Runs.Select(run => new { run.DatasetId, run.DatasetName }).Distinct().ToListAsync(cancellationToken);
        return [.. named.DistinctBy(dataset => dataset.DatasetId).Select(dataset => (dataset.DatasetId, dataset.DatasetName))];
    }

    /// <summary>The names of some runs at once; those that are gone are left out.</summary>
    public async Task<IReadOnlyDictionary<int, string>> NamesAsync(
        IReadOnlyCollection<int> runIds, CancellationToken cancellationToken = default)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        return await db.Runs.Where(run => runIds.Contains(run.Id)).ToDictionaryAsync(run => run.Id, run => run.Name, cancellationToken);
    }

    /// <summary>The newest ended runs that have a best epoch and this backbone.</summary>
    /// <param name="name">A part of their name; empty: any.</param>
    internal async Task<IReadOnlyList<RunRow>> WithModelAsync(string backbone, string? name, int most, CancellationToken cancellationToken)
    {
        // As it stands in the recipe's text: reading thousands of recipes to look at one field would take a second.
        var written = $"\"backbone\":{JsonSerializer.Serialize(backbone, CoreJson.Options)}";
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var ended = db.Runs.AsNoTracking()
            .Where(run => run.BestEpoch != null
                && (run.State == RunState.Completed || run.State == RunState.Stopped || run.State == RunState.Failed))
            .Where(run => run.RecipeJson.Contains(written));
        if (name?.Trim().ToLowerInvariant() is { Length: > 0 } text)
#pragma warning disable CA1304, CA1311, CA1862 // Becomes SQL, which knows no culture.
            ended = ended.Where(run => run.Name.ToLower().Contains(text));
#pragma warning restore CA1304, CA1311, CA1862
        return await ended.OrderByDescending(run => run.Id).Take(most).ToListAsync(cancellationToken);
    }

    /// <summary>The newest run of a name; null when there is none.</summary>
    internal async Task<RunRow?> FindAsync(string name, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        return await db.Runs.AsNoTracking().Where(run => run.Name == name).OrderByDescending(run => run.Id)
            .FirstOrDefaultAsync(cancellationToken);
    }

    /// <summary>Live runs whose trainer waits for room on its machine's disk; their phase says what for.</summary>
    internal async Task<IReadOnlyList<RunRow>> WaitingForRoomAsync(CancellationToken cancellationToken = default)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        return await db.Runs.AsNoTracking()
            .Where(run => (run.State == RunState.Preparing || run.State == RunState.Training) && run.Phase.StartsWith(FullDisk.Beginning))
            .OrderBy(run => run.Id).ToListAsync(cancellationToken);
    }

    private static async Task<RunTally> TallyAsync(DashboardDb db, CancellationToken cancellationToken)
    {
        var counts = await db.Runs.GroupBy(run => run.State).Select(group => new { State = group.Key, Count = group.Count() })
            .ToListAsync(cancellationToken);
        return new RunTally(
            counts.Where(each => each.State.IsLive()).Sum(each => each.Count),
            counts.Where(each => each.State == RunState.Queued).Sum(each => each.Count),
            counts.Where(each => each.State == RunState.Paused).Sum(each => each.Count),
            counts.Where(each => each.State.IsEnded()).Sum(each => each.Count));
    }
}

/// <summary>How many runs there are, by what they do.</summary>
public sealed record RunTally(int Live, int Queued, int Paused, int Ended)
{
    public int All => Live + Queued + Paused + Ended;
}

/// <param name="Matching">How many runs the filter keeps.</param>
/// <param name="Tally">Of all runs.</param>
/// <param name="Places">Place in the queue, from 1, of the queued ones among <paramref name="Runs"/>.</param>
public sealed record RunListPage(IReadOnlyList<RunRow> Runs, int Matching, RunTally Tally, IReadOnlyDictionary<int, int> Places);

using Dashboard.Runs;
using Dashboard.Storage;
using Microsoft.EntityFrameworkCore;

namespace Dashboard.Dispatch.Clusters;

/// <summary>Which job trains which attempt, and how Slurm last showed it. Thread-safe.</summary>
public sealed class ClusterJobs(IDbContextFactory<DashboardDb> databases, RunFeed feed)
{
    /// <summary>Null when the attempt is not trained by a cluster.</summary>
    public async Task<ClusterJobRow?> GetAsync(int runId, int attempt, CancellationToken stop = default)
    {
        await using var db = await databases.CreateDbContextAsync(stop);
        return await db.ClusterJobs.AsNoTracking().FirstOrDefaultAsync(row => row.RunId == runId && row.Attempt == attempt, stop);
    }

    /// <summary>By attempt; empty when no cluster had any.</summary>
    public async Task<IReadOnlyDictionary<int, ClusterJobRow>> OfRunAsync(int runId, CancellationToken stop = default)
    {
        await using var db = await databases.CreateDbContextAsync(stop);
        return await db.ClusterJobs.AsNoTracking().Where(row => row.RunId == runId).ToDictionaryAsync(row => row.Attempt, stop);
    }

    /// <summary>Of the current attempts of live runs, by run.</summary>
    public async Task<IReadOnlyDictionary<int, ClusterJobRow>> LiveAsync(CancellationToken stop = default)
    {
        await using var db = await databases.CreateDbContextAsync(stop);
        return await (
            from run in db.Runs
            join job in db.ClusterJobs.AsNoTracking() on new { RunId = run.Id, run.Attempt } equals new { job.RunId, job.Attempt }
            where run.State == RunState.Preparing || run.State == RunState.Training
            select job).ToDictionaryAsync(job => job.RunId, stop);
    }

    internal async Task AddAsync(ClusterJobRow row, CancellationToken stop)
    {
        await using var db = await databases.CreateDbContextAsync(stop);
        db.ClusterJobs.Add(row);
        await db.SaveChangesAsync(stop);
        feed.Changed(row.RunId);
    }

    internal async Task ChangeAsync(int runId, int attempt, Action<ClusterJobRow> change, CancellationToken stop)
    {
        await using var db = await databases.CreateDbContextAsync(stop);
        if (await db.ClusterJobs.FindAsync([runId, attempt], stop) is not { } row) return;
        change(row);
        if (await db.SaveChangesAsync(stop) > 0) feed.Changed(runId);
    }

    internal async Task RemoveAsync(int runId, int attempt, CancellationToken stop)
    {
        await using var db = await databases.CreateDbContextAsync(stop);
        await db.ClusterJobs.Where(row => row.RunId == runId && row.Attempt == attempt).ExecuteDeleteAsync(stop);
    }
}

using Dashboard.Runs;
using Dashboard.Storage;
using Microsoft.EntityFrameworkCore;

namespace Dashboard.Dispatch.Clusters;

/// <summary>Which job trains which attempt, and how Slurm last showed it. Thread-safe.</summary>
public sealed class ClusterJobs(IDbContextFactory<DashboardDb> databases, RunFeed feed)
{
    /// <summary>Null when the attempt is not trained by a cluster.</summary>
    public async Task<ClusterJobRow?> GetAsync(int runId, int attempt, CancellationToken cancellationToken = default)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        return await db.ClusterJobs.AsNoTracking()
            .FirstOrDefaultAsync(row => row.RunId == runId && row.Attempt == attempt, cancellationToken);
    }

    /// <summary>By attempt; empty when no cluster had any.</summary>
    public async Task<IReadOnlyDictionary<int, ClusterJobRow>> OfRunAsync(int runId, CancellationToken cancellationToken = default)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        return await db.ClusterJobs.AsNoTracking().Where(row => row.RunId == runId)
            .ToDictionaryAsync(row => row.Attempt, cancellationToken);
    }

    /// <summary>Of the current attempts of live runs, by run.</summary>
    public async Task<IReadOnlyDictionary<int, ClusterJobRow>> LiveAsync(CancellationToken cancellationToken = default)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        return await (
            from run in db.Runs
            join job in db.ClusterJobs.AsNoTracking() on new { RunId = run.Id, run.Attempt } equals new { job.RunId, job.Attempt }
            where run.State == RunState.Preparing || run.State == RunState.Training
            select job).ToDictionaryAsync(job => job.RunId, cancellationToken);
    }

    internal async Task AddAsync(ClusterJobRow row, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        db.ClusterJobs.Add(row);
        await db.SaveChangesAsync(cancellationToken);
        feed.Changed(row.RunId);
    }

    internal async Task ChangeAsync(int runId, int attempt, Action<ClusterJobRow> change, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        if (await db.ClusterJobs.FindAsync([runId, attempt], cancellationToken) is not { } row) return;
        change(row);
        if (await db.SaveChangesAsync(cancellationToken) > 0) feed.Changed(runId);
    }

    internal async Task RemoveAsync(int runId, int attempt, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        await db.ClusterJobs.Where(row => row.RunId == runId && row.Attempt == attempt).ExecuteDeleteAsync(cancellationToken);
    }
}

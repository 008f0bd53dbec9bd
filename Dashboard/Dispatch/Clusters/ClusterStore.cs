using Dashboard.Machines;
using Dashboard.Storage;
using Microsoft.EntityFrameworkCore;

namespace Dashboard.Dispatch.Clusters;

/// <summary>The clusters and how each is reached. Every one of them is also a machine of the same name. Thread-safe.</summary>
public sealed class ClusterStore(IDbContextFactory<DashboardDb> databases, MachineStore machines, TimeProvider time)
{
    /// <summary>Without removed ones.</summary>
    public async Task<IReadOnlyList<ClusterRow>> ListAsync(CancellationToken cancellationToken = default)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        return await (
            from cluster in db.Clusters.AsNoTracking()
            join machine in db.Machines on cluster.Name equals machine.Name
            where machine.RemovedAt == null && machine.Kind == MachineKind.Slurm
            orderby cluster.Name
            select cluster).ToListAsync(cancellationToken);
    }

    /// <summary>Null when there is none of this name, or it was removed.</summary>
    public async Task<ClusterRow?> GetAsync(string name, CancellationToken cancellationToken = default) =>
        (await ListAsync(cancellationToken)).FirstOrDefault(row => row.Name == name);

    /// <summary>Whether a cluster is there and neither drained nor paused.</summary>
    internal Task<bool> TakesRunsAsync(string name, CancellationToken cancellationToken) =>
        machines.TakesRunsAsync(name, cancellationToken);

    /// <summary>Adds a cluster or changes the settings of one.</summary>
    /// <param name="settings">Without problems.</param>
    /// <param name="tested">Whether a test job with these settings passed all checks.</param>
    /// <returns>false when a machine that is no cluster has the name.</returns>
    public async Task<bool> SaveAsync(ClusterSettings settings, bool tested, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(settings);
        var name = settings.Name.Trim();
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var machine = await db.Machines.FindAsync([name], cancellationToken);
        if (machine is { Kind: not MachineKind.Slurm, RemovedAt: null }) return false;
        if (machine is null) db.Machines.Add(machine = new MachineRow { Name = name });
        if (machine.RemovedAt is not null || machine.Kind != MachineKind.Slurm || machine.JoinedAt == default)
            (machine.Kind, machine.KeyHash, machine.JoinedAt, machine.RemovedAt, machine.Mode, machine.ReportJson) =
                (MachineKind.Slurm, "", time.GetUtcNow(), null, MachineMode.Active, "");
        var row = await db.Clusters.FindAsync([name], cancellationToken);
        if (row is null) db.Clusters.Add(row = new ClusterRow { Name = name });
        settings.CopyTo(row);
        row.TestedAt = tested ? time.GetUtcNow() : null;
        await db.SaveChangesAsync(cancellationToken);
        machines.Tell();
        return true;
    }
}

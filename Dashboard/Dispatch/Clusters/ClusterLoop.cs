using Dashboard.Dispatch.Slurm;

namespace Dashboard.Dispatch.Clusters;

/// <summary>
/// What the dashboard does for one cluster, over and over: asks Slurm once how everything stands, then looks at each attempt, then sends
/// what waits.
/// </summary>
internal sealed class ClusterLoop(
    ClusterSite site, ClusterRuns runs, JobWatch watch, ClusterIntake intake, ToldServers servers, ClusterContacts contacts,
    TimeProvider time)
{
    /// <summary>A cluster without runs of ours is only asked whether it is there.</summary>
    private static readonly TimeSpan LookWhenIdle = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan LookAtNodes = TimeSpan.FromSeconds(10);

    private DateTimeOffset? _looked;
    private DateTimeOffset _lookedAtNodes;

    public async Task TickAsync(CancellationToken cancellationToken)
    {
        if (await site.SettingsAsync(cancellationToken) is not { } settings) return;
        var slurm = site.Connect(settings);
        try
        {
            // In this order: every job of an attempt that was read is older than what squeue shows.
            var live = await runs.LiveAsync(site.Name, cancellationToken);
            if (live.Count > 0 || _looked is not { } before || time.GetUtcNow() - before >= LookWhenIdle)
            {
                var shown = await slurm.JobsAsync(cancellationToken);
                _looked = time.GetUtcNow();
                contacts.Answers(site.Name);
                foreach (var (run, attempt) in live)
                {
                    servers.Tell(run, settings.Server);
                    await watch.LookAsync(slurm, settings, run, attempt, shown, cancellationToken);
                }
                await watch.TidyAsync(slurm, live, shown, cancellationToken);
                servers.Keep(live.Select(each => each.Run.Id));
            }
            await intake.TakeAsync(slurm, settings, cancellationToken);
            await LookAtNodesAsync(slurm, settings, cancellationToken);
        }
        catch (SlurmException e)
        {
            _looked = null;
            contacts.IsSilent(site.Name, e.Message);
        }
    }

    /// <summary>The cluster was removed: its jobs end.</summary>
    public async Task LeaveAsync(ClusterSettings settings, CancellationToken cancellationToken)
    {
        await watch.CancelAllAsync(site.Connect(settings), cancellationToken);
        contacts.Forget(site.Name);
    }

    private async Task LookAtNodesAsync(SlurmClient slurm, ClusterSettings settings, CancellationToken cancellationToken)
    {
        if (time.GetUtcNow() - _lookedAtNodes < LookAtNodes) return;
        _lookedAtNodes = time.GetUtcNow();
        contacts.ShowNodes(site.Name, string.Join(", ", await slurm.NodesAsync(settings.Partition, cancellationToken)));
    }
}

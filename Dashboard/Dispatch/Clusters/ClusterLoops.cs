using Dashboard.Dispatch.Hubs;
using Dashboard.Dispatch.Slurm;
using Dashboard.Processes;
using Dashboard.Storage;
using Microsoft.Extensions.Options;

namespace Dashboard.Dispatch.Clusters;

/// <summary>Puts together what serves one cluster: each remembers what it saw and did of its own.</summary>
internal sealed class ClusterLoops(
    ClusterStore clusters, ClusterRuns runs, ClusterContacts contacts, RunDispatch dispatch, TrainerLink link,
    IOptions<DashboardOptions> options, Guard guard, ILogger<ClusterLoops> logger)
{
    public ClusterLoop Create(string name)
    {
        var (settings, time) = (options.Value, guard.Time);
        var site = new ClusterSite(name, clusters, settings);
        var attempts = new ClusterAttempts(name, dispatch, link);
        var submitter = new JobSubmitter(settings);
        var servers = new ToldServers(settings);
        var ending = new AttemptEnding(attempts, settings, guard, time, logger);
        var watch = new JobWatch(name, submitter, runs, contacts, attempts, ending, time, logger);
        var intake = new ClusterIntake(site, runs, attempts, submitter, watch, servers, contacts, time);
        return new ClusterLoop(site, runs, watch, intake, servers, contacts, time);
    }
}

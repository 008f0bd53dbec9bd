using Dashboard.Dispatch.Hubs;
using Dashboard.Dispatch.Slurm;
using Dashboard.Machines;
using Dashboard.Processes;
using Dashboard.Runs;
using Dashboard.Storage;
using Microsoft.Extensions.Options;

namespace Dashboard.Dispatch.Clusters;

/// <summary>
/// Serves every cluster, each on its own: one that doesn't answer keeps no other waiting. Of several dashboards the one that has the
/// <see cref="Leadership"/> does it.
/// </summary>
internal sealed class ClusterService(
    ClusterStore clusters, ClusterBoard board, ClusterJobs jobs, RunStore runs, RunDispatch dispatch, MachineStore machines,
    MachineContacts contacts, TrainerLink link, MachineRegistry registry, Leadership leadership,
    Guard guard, IOptions<DashboardOptions> options, TimeProvider time, ILogger<ClusterService> logger)
    : GuardedService("Serving the clusters", guard)
{
    /// <summary>How often Slurm is asked while it has runs of ours.</summary>
    internal static readonly TimeSpan Look = TimeSpan.FromSeconds(2);

    private readonly Dictionary<string, (ClusterLoop Loop, ClusterSettings Settings, CancellationTokenSource End, Task Work)> _served = [];

    protected override async Task WorkAsync(CancellationToken cancellationToken)
    {
        try
        {
            await Guard.EveryAsync(Part, Look, ServeAsync, cancellationToken);
        }
        finally
        {
            await Task.WhenAll(_served.Values.Select(served => served.Work)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>How Slurm of these settings is reached.</summary>
    internal static SlurmClient Connect(ClusterSettings settings, DashboardOptions options) =>
        new(new SlurmConnection(settings.Ssh, options.Ssh));

    private async Task ServeAsync(CancellationToken cancellationToken)
    {
        var rows = (await clusters.ListAsync(cancellationToken)).ToDictionary(row => row.Name);
        registry.SetClusters([.. rows.Keys.Order(StringComparer.OrdinalIgnoreCase)]);
        // Of several dashboards one speaks with the clusters.
        var isMine = leadership.IsMine;
        foreach (var (name, row) in rows)
        {
            if (!isMine) break;
            if (_served.TryGetValue(name, out var served))
            {
                _served[name] = served with { Settings = ClusterSettings.Of(row) };
                continue;
            }
            var cluster = LoopOf(name);
            var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            _served[name] = (cluster, ClusterSettings.Of(row), end,
                Guard.EveryAsync($"Serving the cluster {name}", Look, cluster.TickAsync, end.Token));
        }
        foreach (var name in _served.Keys.Where(name => !isMine || !rows.ContainsKey(name)).ToList())
        {
            _served.Remove(name, out var gone);
            await gone.End.CancelAsync();
            await gone.Work.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            Guard.Works($"Serving the cluster {name}");
            gone.End.Dispose();
            // Whoever leads knows better from now on.
            if (isMine) await gone.Loop.LeaveAsync(gone.Settings, cancellationToken);
            else board.Forget(name);
        }
    }

    private ClusterLoop LoopOf(string name)
    {
        var settings = options.Value;
        var attempts = new ClusterAttempts(name, dispatch, link);
        var submitter = new JobSubmitter(settings);
        var ending = new AttemptEnding(attempts, settings, Guard, time, logger);
        var watch = new JobWatch(name, submitter, runs, jobs, contacts, attempts, ending, time, logger);
        return new ClusterLoop(name, cluster => Connect(cluster, settings), submitter, watch, attempts, clusters, board, machines,
            contacts, runs, jobs, settings, time);
    }
}

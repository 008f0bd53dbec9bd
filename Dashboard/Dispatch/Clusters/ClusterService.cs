using Dashboard.Machines;
using Dashboard.Processes;
using Dashboard.Storage;

namespace Dashboard.Dispatch.Clusters;

/// <summary>
/// Serves every cluster, each on its own: one that doesn't answer keeps no other waiting. Of several dashboards the one that has the
/// <see cref="Leadership"/> does it.
/// </summary>
internal sealed class ClusterService(
    ClusterStore clusters, ClusterLoops loops, ClusterContacts contacts, MachineRegistry registry, Leadership leadership, Guard guard)
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
            var cluster = loops.Create(name);
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
            else contacts.Forget(name);
        }
    }
}

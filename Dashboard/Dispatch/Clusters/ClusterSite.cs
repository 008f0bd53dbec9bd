using Dashboard.Dispatch.Slurm;
using Dashboard.Storage;

namespace Dashboard.Dispatch.Clusters;

/// <summary>One cluster as it is set up now: its settings may be changed at any time.</summary>
internal sealed class ClusterSite(string name, ClusterStore clusters, DashboardOptions options)
{
    public string Name => name;

    /// <summary>Null when it was removed.</summary>
    public async Task<ClusterSettings?> SettingsAsync(CancellationToken cancellationToken) =>
        await clusters.GetAsync(name, cancellationToken) is { } row ? ClusterSettings.Of(row) : null;

    /// <summary>Not while somebody drains or pauses it.</summary>
    public Task<bool> TakesRunsAsync(CancellationToken cancellationToken) => clusters.TakesRunsAsync(name, cancellationToken);

    public SlurmClient Connect(ClusterSettings settings) => Connect(settings, options);

    /// <summary>How Slurm of these settings is reached.</summary>
    internal static SlurmClient Connect(ClusterSettings settings, DashboardOptions options) =>
        new(new SlurmConnection(settings.Ssh, options.Ssh));
}

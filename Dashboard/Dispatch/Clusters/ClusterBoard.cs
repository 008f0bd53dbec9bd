using System.Collections.Concurrent;
using Dashboard.Machines;

namespace Dashboard.Dispatch.Clusters;

/// <summary>How each cluster stands now, for pages. In memory: it is asked every few seconds. Thread-safe.</summary>
public sealed class ClusterBoard(MachineRegistry pages)
{
    private readonly ConcurrentDictionary<string, ClusterStanding> _clusters = new();

    /// <summary>Of one that was not asked yet, nothing.</summary>
    public ClusterStanding Get(string name) => _clusters.TryGetValue(name, out var standing) ? standing : ClusterStanding.Unknown;

    internal void Put(string name, Func<ClusterStanding, ClusterStanding> change)
    {
        var before = Get(name);
        var after = _clusters.AddOrUpdate(name, _ => change(ClusterStanding.Unknown), (_, standing) => change(standing));
        if (before != after) pages.Changed();
    }

    internal void Forget(string name) => _clusters.TryRemove(name, out _);
}

/// <param name="Nodes">What its nodes do, such as "1 idle, 3 allocated"; empty: unknown.</param>
/// <param name="Trouble">Why its controller doesn't answer, in its own words; empty while it does.</param>
/// <param name="TroubleSince">Since when it doesn't; null while it does.</param>
/// <param name="Refusal">Why it refused the last run, with the remedy; empty when it took it.</param>
public sealed record ClusterStanding(string Nodes, string Trouble, DateTimeOffset? TroubleSince, string Refusal)
{
    public static ClusterStanding Unknown { get; } = new("", "", null, "");
}

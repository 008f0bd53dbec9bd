using Dashboard.Dispatch.Trainers;
using Dashboard.Storage;

namespace Dashboard.Dispatch.Clusters;

/// <summary>Tells a cluster's trainers where they find the dashboard: the address may have been changed since they began.</summary>
internal sealed class ToldServers(DashboardOptions options)
{
    private readonly Dictionary<int, (int Attempt, string Server)> _told = [];

    /// <summary>Writes it beside the run, once for each attempt and address.</summary>
    public void Tell(RunRow run, string server)
    {
        // An attempt in between may have trained on this computer, which reaches the dashboard under another address.
        if (_told.GetValueOrDefault(run.Id) == (run.Attempt, server)) return;
        ServerFile.Write(options.RunFolder(run.Id), new Uri(server));
        _told[run.Id] = (run.Attempt, server);
    }

    /// <summary>Forgets all other runs.</summary>
    public void Keep(IEnumerable<int> runs)
    {
        foreach (var gone in _told.Keys.Except(runs).ToList()) _told.Remove(gone);
    }
}

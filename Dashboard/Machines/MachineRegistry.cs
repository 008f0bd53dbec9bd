using System.Collections.Concurrent;
using Dashboard.Processes;
using Dashboard.Protocol;

namespace Dashboard.Machines;

/// <summary>The machines that can train and what they last reported. In memory: a report comes every 2 seconds. Thread-safe.</summary>
public sealed class MachineRegistry(TimeProvider time, ILogger<MachineRegistry> logger)
{
    /// <summary>Reports kept per machine for the load line: five minutes.</summary>
    public const int MaxHistory = 150;

    private readonly ConcurrentDictionary<string, MachineReport[]> _reports = new();
    private readonly ChangeFeed _feed = new("the machines' reports", time, logger);

    /// <summary>What each machine reported last, by name.</summary>
    public IReadOnlyList<MachineReport> Machines =>
        [.. _reports.Values.Select(reports => reports[^1]).OrderBy(report => report.Name, StringComparer.OrdinalIgnoreCase)];

    /// <summary>The names of clusters, which report nothing by themselves.</summary>
    public IReadOnlyList<string> Clusters { get; private set; } = [];

    public MachineReport? Get(string name) => _reports.TryGetValue(name, out var reports) ? reports[^1] : null;

    /// <summary>The last minutes of a machine, oldest first; empty when it never reported.</summary>
    public IReadOnlyList<MachineReport> History(string name) => _reports.TryGetValue(name, out var reports) ? reports : [];

    /// <summary>Raised for what a machine told this dashboard, for others, with the report: no database has it.</summary>
    internal event Action<MachineReport>? ReportedHere;

    public void Report(MachineReport report)
    {
        ArgumentNullException.ThrowIfNull(report);
        Keep(report);
        ReportedHere?.Invoke(report);
    }

    /// <summary>The machine told another dashboard. One of an earlier version passes on whatever it gets.</summary>
    internal void ReportElsewhere(MachineReport report)
    {
        if (MessageRules.Problem(report) is null) Keep(report);
    }

    private void Keep(MachineReport report)
    {
        _reports.AddOrUpdate(report.Name, [report], (_, before) => [.. before.TakeLast(MaxHistory - 1), report]);
        Changed();
    }

    internal void SetClusters(IReadOnlyList<string> names)
    {
        if (names.SequenceEqual(Clusters)) return;
        Clusters = names;
        Changed();
    }

    /// <summary>Something that pages show of machines has changed.</summary>
    public void Changed() => _feed.Tell();

    /// <summary>The machine was removed.</summary>
    public void Forget(string name)
    {
        if (_reports.TryRemove(name, out _)) Changed();
    }

    /// <param name="changed">Never called twice at the same time for one subscription; what comes while it is busy is told to it
    /// afterwards.</param>
    public IDisposable Subscribe(Func<Task> changed) => _feed.Subscribe(changed);
}

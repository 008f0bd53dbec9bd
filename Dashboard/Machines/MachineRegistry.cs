using System.Collections.Concurrent;
using Dashboard.Live;
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

    /// <summary>Raised for what a machine told this dashboard, for others.</summary>
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
    public void Changed() => _feed.Tell(default);

    /// <summary>It was removed.</summary>
    public void Forget(string name)
    {
        if (_reports.TryRemove(name, out _)) Changed();
    }

    /// <param name="changed">Never called twice at the same time for one subscription; what comes while it is busy is told to it afterwards.</param>
    public IDisposable Subscribe(Func<Task> changed) => _feed.Subscribe(changed);
}

/// <summary>What a machine says of itself every 2 seconds.</summary>
/// <param name="System">Such as "Debian GNU/Linux 12 (bookworm)".</param>
/// <param name="Processor">As the processor names itself.</param>
/// <param name="Cores">Logical cores that this process may use.</param>
/// <param name="Load">CPU, 0–1; null when it can't be read (yet: it takes two reports).</param>
/// <param name="MemoryUsed">Bytes that are not available to a new program; null when it can't be read.</param>
/// <param name="MemoryTotal">Bytes, or a container's limit where that is smaller.</param>
/// <param name="DiskFree">Bytes free where the data root lies.</param>
/// <param name="Devices">What trains here, then GPUs that this build can't use.</param>
public sealed record MachineReport(
    string Name, string System, string Processor, int Cores, double? Load, long? MemoryUsed, long? MemoryTotal,
    long? DiskFree, long? DiskTotal, IReadOnlyList<DeviceReport> Devices, DateTimeOffset At)
{
    /// <summary>What is still true of a machine that can't be asked: what it is, not what it does.</summary>
    public MachineReport WhileAway() => this with
    {
        Load = null, MemoryUsed = null, DiskFree = null, Devices = [.. Devices.Select(device => device with { Load = null, MemoryUsed = null, RunId = null })],
    };
}

/// <param name="Id">As recipes and trainers name it: "cpu", "cuda:0".</param>
/// <param name="Load">0–1; null when it can't be read.</param>
/// <param name="MemoryUsed">Bytes; null when it can't be read.</param>
/// <param name="RunId">The run that trains on it now.</param>
/// <param name="CanTrain">false for a GPU that this build's libtorch can't use.</param>
public sealed record DeviceReport(
    string Id, string Name, double? Load, long? MemoryUsed, long? MemoryTotal, int? RunId, bool CanTrain = true);

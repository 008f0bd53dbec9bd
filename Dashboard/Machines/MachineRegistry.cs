namespace Dashboard.Machines;

/// <summary>The machines that can train and what they last reported. In memory: a report comes every 2 seconds.</summary>
public sealed class MachineRegistry
{
    public IReadOnlyList<MachineReport> Machines => throw new NotImplementedException();

    public MachineReport? Get(string name) => throw new NotImplementedException();

    public void Report(MachineReport report) => throw new NotImplementedException();

    public IDisposable Subscribe(Func<Task> changed) => throw new NotImplementedException();
}

/// <param name="Load">CPU, 0–1.</param>
/// <param name="MemoryUsed">Bytes.</param>
/// <param name="DiskFree">Bytes free where the data root lies.</param>
public sealed record MachineReport(
    string Name, string System, string Processor, int Cores, double Load, long MemoryUsed, long MemoryTotal,
    long DiskFree, long DiskTotal, IReadOnlyList<DeviceReport> Devices, DateTimeOffset At);

/// <param name="Id">As recipes and trainers name it: "cpu", "cuda:0".</param>
/// <param name="Load">0–1; null when it can't be read.</param>
/// <param name="RunId">The run that trains on it now.</param>
public sealed record DeviceReport(string Id, string Name, double? Load, long? MemoryUsed, long? MemoryTotal, int? RunId);

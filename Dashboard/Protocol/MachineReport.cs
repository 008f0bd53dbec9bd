namespace Dashboard.Protocol;

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
    /// <param name="runOn">The run whose trainer on a device reports by itself; null: nobody's does.</param>
    public MachineReport WhileAway(Func<DeviceReport, int?>? runOn = null) => this with
    {
        Load = null, MemoryUsed = null, DiskFree = null,
            Devices = [.. Devices.Select(device => device with { Load = null, MemoryUsed = null, RunId = runOn?.Invoke(device) })],
    };
}

/// <param name="Id">As recipes and trainers name it: "cpu", "cuda:0".</param>
/// <param name="Load">0–1; null when it can't be read.</param>
/// <param name="MemoryUsed">Bytes; null when it can't be read.</param>
/// <param name="RunId">The run that trains on it now.</param>
/// <param name="CanTrain">false for a GPU that this build's libtorch can't use.</param>
public sealed record DeviceReport(
    string Id, string Name, double? Load, long? MemoryUsed, long? MemoryTotal, int? RunId, bool CanTrain = true);

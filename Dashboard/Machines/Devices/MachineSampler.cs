using Dashboard.Processes;
using Dashboard.Protocol;
using Dashboard.Storage;
using Microsoft.Extensions.Options;

namespace Dashboard.Machines.Devices;

/// <summary>Measures this machine. Not thread-safe: the load is taken since the sample before.</summary>
internal sealed class MachineSampler(LocalMachine machine, Guard guard, IOptions<DashboardOptions> options, TimeProvider time)
{
    private readonly string _system = ForeignText.Shorten(SystemFiles.ReadSystem(), MessageRules.MostSentence, "");
    private readonly string _processor = ForeignText.Shorten(SystemFiles.ReadProcessor(), MessageRules.MostSentence, "");
    private CpuTime? _before = SystemFiles.ReadCpu();

    public async Task<MachineReport> SampleAsync(CancellationToken cancellationToken)
    {
        var now = SystemFiles.ReadCpu();
        var load = now is { } later && _before is { } earlier ? later.LoadSince(earlier) : null;
        _before = now;
        var memory = SystemFiles.ReadMemory();
        var disk = ReadDisk();
        // Without its GPUs a machine is still worth a report; that they don't answer is said elsewhere.
        IReadOnlyList<Gpu> gpus = [];
        await guard.TryAsync(NvidiaSmi.Part, async ask => gpus = await NvidiaSmi.OfThisMachine.QueryAsync(ask), cancellationToken);
        return new MachineReport(
            machine.Name, _system, _processor, Environment.ProcessorCount, load, memory?.Used, memory?.Total,
            disk?.Free, disk?.Total, Devices(gpus, load, memory), time.GetUtcNow());
    }

    private List<DeviceReport> Devices(IReadOnlyList<Gpu> gpus, double? load, (long Used, long Total)? memory)
    {
        List<DeviceReport> devices = [];
        foreach (var device in machine.Devices)
        {
            var gpu = gpus.FirstOrDefault(gpu => gpu.Id == device);
            devices.Add(device == LocalMachine.Cpu
                ? new DeviceReport(device, _processor, load, memory?.Used, memory?.Total, machine.RunOn(device))
                : new DeviceReport(device, gpu?.Name ?? "", gpu?.Load, gpu?.MemoryUsed, gpu?.MemoryTotal, machine.RunOn(device)));
        }
        devices.AddRange(gpus.Where(gpu => !machine.Devices.Contains(gpu.Id))
            .Select(gpu => new DeviceReport(gpu.Id, gpu.Name, gpu.Load, gpu.MemoryUsed, gpu.MemoryTotal, null, CanTrain: false)));
        return devices;
    }

    private (long Free, long Total)? ReadDisk()
    {
        try
        {
            var disk = new DriveInfo(Path.GetFullPath(options.Value.DataRoot));
            return (disk.AvailableFreeSpace, disk.TotalSize);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return null;
        }
    }
}

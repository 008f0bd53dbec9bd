using Dashboard.Processes;
using Dashboard.Storage;
using Microsoft.Extensions.Options;

namespace Dashboard.Machines.Devices;

/// <summary>Reports this machine every 2 seconds, where it trains.</summary>
internal sealed class MachineReporter(
    LocalMachine machine, MachineSampler sampler, MachineRegistry registry, Guard guard, IOptions<DashboardOptions> options)
    : GuardedService("Measuring this machine", guard)
{
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);

    protected override async Task WorkAsync(CancellationToken cancellationToken)
    {
        if (!options.Value.TrainHere) return;
        await Guard.TryAsync(NvidiaSmi.Part, machine.FindDevicesAsync, cancellationToken);
        await Guard.EveryAsync(Part, Interval, async each => registry.Report(await sampler.SampleAsync(each)), cancellationToken);
    }
}

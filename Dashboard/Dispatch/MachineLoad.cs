using Dashboard.Machines.Devices;
using Dashboard.Processes;
using Dashboard.Runs;

namespace Dashboard.Dispatch;

/// <summary>Whether this machine has anything else to do: runs that train or wait, or other programs.</summary>
internal sealed class MachineLoad(LocalMachine machine, RunStore runs, RunFeed feed, TimeProvider time)
{
    private static readonly TimeSpan Window = TimeSpan.FromSeconds(1);

    /// <summary>Part of all cores; what is below is the dashboard itself and the system's own chores.</summary>
    private const double Idle = 0.25;

    public async Task<bool> HasRunsAsync(CancellationToken cancellationToken) =>
        machine.Busy > 0 || await runs.TallyAsync(cancellationToken) is not { Live: 0, Queued: 0 };

    /// <param name="come">Called, again and again, while there are runs.</param>
    /// <param name="cancellationToken">Of the look whether there are any.</param>
    public IDisposable WhenRunsCome(Func<Task> come, CancellationToken cancellationToken) => feed.SubscribeToQueue(async () =>
    {
        if (await HasRunsAsync(cancellationToken)) await come();
    });

    /// <summary>Looks for a second whether programs keep the processor busy; says no where the system doesn't tell.</summary>
    public async Task<bool> IsLoadedAsync(CancellationToken cancellationToken)
    {
        var before = SystemFiles.ReadCpu();
        await Task.Delay(Window, time, cancellationToken);
        return before is { } earlier && SystemFiles.ReadCpu()?.LoadSince(earlier) > Idle;
    }
}

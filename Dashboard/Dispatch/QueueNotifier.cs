using Dashboard.Dispatch.Hubs;
using Dashboard.Machines;
using Dashboard.Processes;
using Dashboard.Protocol;
using Dashboard.Runs;
using Microsoft.AspNetCore.SignalR;

namespace Dashboard.Dispatch;

/// <summary>
/// Tells machines that are connected, to whatever dashboard, that there may be something to take: they ask, nothing is sent.
/// </summary>
internal sealed class QueueNotifier(IHubContext<MachineHub> hub, RunFeed feed, RunStore runs, MachineStore machines, Guard guard)
    : GuardedService("Telling machines of the queue", guard)
{
    protected override async Task WorkAsync(CancellationToken cancellationToken)
    {
        using var queue = feed.SubscribeToQueue(() => RingAsync(IsAnyQueuedAsync, cancellationToken), onlyHere: true);
        using var modes = machines.Subscribe(() => RingAsync(() => Task.FromResult(true), cancellationToken));
        Guard.Works(Part);
        await Task.Delay(Timeout.InfiniteTimeSpan, cancellationToken);
    }

    private async Task RingAsync(Func<Task<bool>> isDue, CancellationToken cancellationToken) => await Guard.TryAsync(Part, async ringing =>
    {
        if (await isDue()) await hub.Clients.Group(HubGroups.Machines).SendAsync(MachineProtocol.LookMessage, ringing);
    }, cancellationToken);

    private async Task<bool> IsAnyQueuedAsync() => (await runs.TallyAsync()).Queued > 0;
}

using Dashboard.Machines;
using Dashboard.Runs;
using Microsoft.AspNetCore.SignalR;

namespace Dashboard.Dispatch;

/// <summary>Tells machines that are connected, to whatever dashboard, that there may be something to take: they ask, nothing is sent.</summary>
internal sealed class QueueBell(IHubContext<MachinesHub> hub, RunFeed feed, RunStore runs, MachineStore machines) : IHostedService, IDisposable
{
    private IDisposable? _queue;
    private IDisposable? _modes;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        _queue = feed.Subscribe(null, async () =>
        {
            if ((await runs.TallyAsync()).Queued > 0) await RingAsync();
        }, onlyHere: true);
        _modes = machines.Subscribe(RingAsync);
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose()
    {
        _queue?.Dispose();
        _modes?.Dispose();
    }

    private Task RingAsync() => hub.Clients.Group(MachinesHub.MachinesGroup).SendAsync(MachinesHub.LookMessage);
}

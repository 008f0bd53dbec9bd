using System.Threading.Channels;
using Dashboard.Machines.Devices;
using Dashboard.Processes;
using Dashboard.Storage;
using Microsoft.Extensions.Options;

namespace Dashboard.Dispatch.Trainers;

/// <summary>
/// Trains queued runs on this machine, in order, one per device, each in a process of its own. At its start it takes up what an
/// earlier dashboard left behind.
/// </summary>
internal sealed class TrainingService(
    IDispatcher dispatcher, LocalMachine machine, LocalTrainers trainers, Guard guard, IOptions<DashboardOptions> options,
    IHostApplicationLifetime lifetime, TimeProvider time) : GuardedService("Starting trainers", guard)
{
    /// <summary>Only a safety net: a queued run is told by the feed, an ended one by its watch.</summary>
    private static readonly TimeSpan LookAnyway = TimeSpan.FromSeconds(10);

    private readonly Channel<bool> _wake =
        Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private long? _tookUp;

    protected override async Task WorkAsync(CancellationToken cancellationToken)
    {
        if (!options.Value.TrainHere) return;
        // Only then it is known where trainers reach this dashboard.
        await lifetime.StartedAsync(cancellationToken);
        using var subscription = dispatcher.OnChange(WakeAsync);
        trainers.DeviceFreed += Wake;
        try
        {
            while (true)
            {
                await Guard.UntilItWorksAsync(Part, TakeUpNowAndThenAsync, cancellationToken);
                await Guard.UntilItWorksAsync(Part, trainers.StartWaitingAsync, cancellationToken);
                await SleepAsync(cancellationToken);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            await trainers.LeaveAsync();
            throw;
        }
        finally
        {
            trainers.DeviceFreed -= Wake;
        }
    }

    private async Task TakeUpNowAndThenAsync(CancellationToken cancellationToken)
    {
        if (_tookUp is { } before && time.GetElapsedTime(before) < LookAnyway) return;
        await Guard.TryAsync(NvidiaSmi.Part, machine.FindDevicesAsync, cancellationToken);
        await trainers.TakeUpAsync(cancellationToken);
        _tookUp = time.GetTimestamp();
    }

    private Task WakeAsync()
    {
        Wake();
        return Task.CompletedTask;
    }

    private void Wake() => _wake.Writer.TryWrite(true);

    private async Task SleepAsync(CancellationToken cancellationToken)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(LookAnyway);
        try
        {
            await _wake.Reader.ReadAsync(patience.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
        }
    }
}

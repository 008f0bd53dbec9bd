using Dashboard.Machines;
using Microsoft.Extensions.Options;

namespace Dashboard.Devices;

/// <summary>Reports this machine every 2 seconds, where it trains.</summary>
internal sealed partial class MachineReporter(
    LocalMachine machine, MachineSampler sampler, MachineRegistry registry, IOptions<DashboardOptions> options, TimeProvider time,
    ILogger<MachineReporter> logger) : BackgroundService
{
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!options.Value.TrainHere) return;
        // The host's start doesn't wait for the first sample.
        await Task.Yield();
        using var timer = new PeriodicTimer(Interval, time);
        try
        {
            await machine.FindDevicesAsync(stoppingToken);
            do
            {
                await ReportAsync(stoppingToken);
            }
            while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
        }
    }

    private async Task ReportAsync(CancellationToken stop)
    {
        try
        {
            registry.Report(await sampler.SampleAsync(stop));
        }
        catch (Exception e) when (!stop.IsCancellationRequested)
        {
            LogFailed(e);
        }
    }

    [LoggerMessage(LogLevel.Warning, "This machine could not be measured")]
    private partial void LogFailed(Exception exception);
}

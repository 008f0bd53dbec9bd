using Dashboard.Contact;
using Dashboard.Dispatch;
using Dashboard.Machines;
using Dashboard.Peers;
using Dashboard.Runs;
using Dashboard.Slurm;
using Dashboard.Trainers;
using Microsoft.Extensions.Options;

namespace Dashboard.Clusters;

/// <summary>Serves every cluster, each on its own: one that doesn't answer keeps no other waiting. Of several dashboards the one that has the <see cref="Duty"/> does it.</summary>
internal sealed partial class ClusterService(
    ClusterStore clusters, ClusterBoard board, ClusterJobs jobs, RunStore runs, RunDispatch dispatch, MachineStore machines, MachineContacts contacts, TrainerLink link, MachineRegistry registry, Duty duty,
    IOptions<DashboardOptions> options, TimeProvider time, ILogger<ClusterService> logger) : BackgroundService
{
    /// <summary>How often Slurm is asked while it has runs of ours.</summary>
    internal static readonly TimeSpan Look = TimeSpan.FromSeconds(2);

    private readonly Dictionary<string, (ClusterDuty Duty, ClusterSettings Settings, CancellationTokenSource End, Task Work)> _served = [];

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Yield();
        using var timer = new PeriodicTimer(Look, time);
        try
        {
            do
            {
                await UntilItIsOverAsync(ServeAsync, stoppingToken);
            }
            while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
        }
        await Task.WhenAll(_served.Values.Select(served => served.Work));
    }

    /// <summary>How Slurm of these settings is reached.</summary>
    internal static SlurmClient Connect(ClusterSettings settings, DashboardOptions options) => new(new SlurmConnection(settings.Ssh, options.Ssh));

    private async Task ServeAsync(CancellationToken stop)
    {
        var rows = (await clusters.ListAsync(stop)).ToDictionary(row => row.Name);
        registry.SetClusters([.. rows.Keys.Order(StringComparer.OrdinalIgnoreCase)]);
        // Of several dashboards one speaks with the clusters.
        var isMine = duty.IsMine;
        foreach (var (name, row) in rows)
        {
            if (!isMine) break;
            if (_served.TryGetValue(name, out var served))
            {
                _served[name] = served with { Settings = ClusterSettings.Of(row) };
                continue;
            }
            var cluster = DutyOf(name);
            var end = CancellationTokenSource.CreateLinkedTokenSource(stop);
            _served[name] = (cluster, ClusterSettings.Of(row), end, WorkAsync(cluster, end.Token));
        }
        foreach (var name in _served.Keys.Where(name => !isMine || !rows.ContainsKey(name)).ToList())
        {
            _served.Remove(name, out var gone);
            await gone.End.CancelAsync();
            await gone.Work;
            gone.End.Dispose();
            // Whoever has the duty knows better from now on.
            if (isMine) await gone.Duty.LeaveAsync(gone.Settings, stop);
            else board.Forget(name);
        }
    }

    private ClusterDuty DutyOf(string name)
    {
        var settings = options.Value;
        var attempts = new ClusterAttempts(name, dispatch, link, time);
        var submitter = new JobSubmitter(settings);
        var watch = new JobWatch(name, submitter, runs, jobs, contacts, attempts, new AttemptEnding(attempts, settings, time, logger), time, logger);
        return new ClusterDuty(name, cluster => Connect(cluster, settings), submitter, watch, clusters, board, machines, contacts, runs, jobs, settings, time);
    }

    private async Task WorkAsync(ClusterDuty cluster, CancellationToken stop)
    {
        await Task.Yield();
        using var timer = new PeriodicTimer(Look, time);
        try
        {
            do
            {
                await UntilItIsOverAsync(cluster.TickAsync, stop);
            }
            while (await timer.WaitForNextTickAsync(stop));
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
        }
    }

    /// <summary>A failure is told; the next look comes anyway.</summary>
    private async Task UntilItIsOverAsync(Func<CancellationToken, Task> work, CancellationToken stop)
    {
        try
        {
            await work(stop);
        }
        catch (Exception e) when (!stop.IsCancellationRequested)
        {
            LogTroubled(e);
        }
    }

    [LoggerMessage(LogLevel.Error, "A cluster could not be served, it is tried again")]
    private partial void LogTroubled(Exception exception);
}

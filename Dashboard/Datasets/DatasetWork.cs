using Dashboard.Processes;
using Dashboard.Storage;
using Microsoft.Extensions.Options;

namespace Dashboard.Datasets;

/// <summary>
/// Brings the files of datasets in line with their rows, one dataset at a time: draws, unpacks, scans, deletes. What a stop of the
/// dashboard interrupts starts again at the next start, or at another dashboard over the same database.
/// </summary>
internal sealed class DatasetWork(
    DatasetStore store, PendingDatasets pending, DatasetStart start, DatasetProcessing processing, DatabaseLocks locks, Guard guard,
    IOptions<DashboardOptions> options, TimeProvider time) : GuardedService("The work on datasets", guard)
{
    private static readonly TimeSpan TellAgain = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan LookAgain = TimeSpan.FromSeconds(15);

    protected override async Task WorkAsync(CancellationToken cancellationToken)
    {
        await StartUpAsync(cancellationToken);
        Guard.Works(Part);
        var looking = options.Value.IsOneOfSeveral
            ? Guard.EveryAsync("Looking for datasets that another dashboard left", LookAgain, LookForAbandonedAsync, cancellationToken)
            : Task.CompletedTask;
        await foreach (var id in pending.ReadAllAsync(cancellationToken))
        {
            if (await Guard.TryAsync(Part, each => TakeUpAsync(id, each), cancellationToken)) continue;
            // A dataset that failed waits behind the others: the next one may be fine.
            await Task.Delay(TellAgain, time, cancellationToken);
            pending.Add(id);
        }
        await looking;
    }

    private async Task TakeUpAsync(int id, CancellationToken cancellationToken)
    {
        await using (var turn = await locks.TryTakeAsync(LockOf(id), cancellationToken))
        {
            // Where there is no turn, another dashboard is at it. Should that die, this is found again.
            if (turn is not null) await pending.RunAsync(id, own => processing.RunAsync(id, own, cancellationToken), cancellationToken);
        }
        processing.Ended(id);
    }

    /// <summary>What another dashboard was at when it died.</summary>
    private async Task LookForAbandonedAsync(CancellationToken cancellationToken)
    {
        foreach (var id in await store.ScanningAsync(cancellationToken))
        {
            await using var turn = await locks.TryTakeAsync(LockOf(id), cancellationToken);
            if (turn is not null) pending.Add(id);
        }
    }

    private static string LockOf(int id) => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"dataset {id}");

    private async Task StartUpAsync(CancellationToken cancellationToken)
    {
        await using var turn = await locks.TakeAsync("datasets at start", "the datasets' start", cancellationToken);
        foreach (var id in await start.FindUnfinishedAsync(cancellationToken)) pending.Add(id);
    }
}

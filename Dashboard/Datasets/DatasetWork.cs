using Dashboard.Datasets.Imports;
using Dashboard.Datasets.Words;
using Dashboard.Datasets.Zips;
using Dashboard.Processes;
using Dashboard.Storage;
using Dashboard.Storage.Words;
using Microsoft.Extensions.Options;
using Training.Core.Data;
using Training.Core.Data.Demo;
using Training.Core.Data.Folders;

namespace Dashboard.Datasets;

/// <summary>
/// Brings the files of datasets in line with their rows, one dataset at a time: draws, unpacks, scans, deletes. What a stop of the
/// dashboard interrupts starts again at the next start, or at another dashboard over the same database.
/// </summary>
public sealed partial class DatasetWork(
    DatasetStore store, PendingDatasets pending, DatasetFeed feed, DemoReadiness demos, DatabaseLocks locks, Guard guard,
    IOptions<DashboardOptions> options, TimeProvider time,
    ILogger<DatasetWork> log) : GuardedService("The work on datasets", guard)
{
    private static readonly TimeSpan TellAgain = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan LookAgain = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan Abandoned = TimeSpan.FromDays(1);

    private bool _isCleared;

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
            // It waits behind the others: the next one may be fine.
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
            if (turn is not null) await pending.RunAsync(id, own => ProcessAsync(id, own, cancellationToken), cancellationToken);
        }
        demos.Ended(id);
        feed.Ended(id);
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
        // Once: when this is called again after a failure, uploads may be arriving.
        if (!_isCleared) UploadFiles.RemoveUnfinished(options.Value, options.Value.IsOneOfSeveral ? time.GetUtcNow() - Abandoned : null);
        _isCleared = true;
        var (demoKnown, unfinishedDemos, unfinished) = await store.StartUpAsync(cancellationToken);
        // Once only: somebody who deletes it doesn't want it back at the next start.
        if (options.Value.DemoDataset && !demoKnown && await AddDemoAsync(cancellationToken) is { } demo) unfinishedDemos = [demo];
        demos.Await(unfinishedDemos);
        foreach (var id in unfinished) pending.Add(id);
    }

    /// <returns>Its id; null when there is none.</returns>
    private async Task<int?> AddDemoAsync(CancellationToken cancellationToken)
    {
        try
        {
            return (await store.AddDemoAsync(cancellationToken)).Id;
        }
        catch (DatasetException exception)
        {
            LogNoDemo(exception.Message);
        }
        catch (Exception exception) when (Explain(exception) is { } known)
        {
            // The next start tries it again.
            LogNoDemo(known.Message);
        }
        return null;
    }

    /// <param name="cancellationToken">The dataset was deleted, or the dashboard closes.</param>
    private async Task ProcessAsync(int id, CancellationToken cancellationToken, CancellationToken closing)
    {
        try
        {
            if (await store.GetWithDeletedAsync(id, cancellationToken) is not { } row) return;
            if (row.DeletedAt is not null) await RemoveAsync(row, cancellationToken);
            else if (row.State == DatasetState.Scanning) await ReadAsync(row, cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // Left as it is: deleted datasets are in the queue again, interrupted ones at the next start.
        }
        catch (DatasetException exception)
        {
            await FailAsync(id, exception.Message, closing);
        }
        catch (DirectoryNotFoundException exception)
        {
            await FailAsync(id, exception.Message, closing);
        }
#pragma warning disable CA1031 // Whatever is wrong with one dataset, the others must go on.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            LogFailed(exception, id);
            await FailAsync(id, Words(exception), closing);
        }
    }

    /// <summary>
    /// The full disk that a dataset failed of may hold the database too: that passes, and nothing else can be stored meanwhile.
    /// </summary>
    private async Task FailAsync(int id, string message, CancellationToken closing)
    {
        while (true)
        {
            try
            {
                await store.FailAsync(id, message, closing);
                return;
            }
            catch (Exception exception) when (Explain(exception) is { } known)
            {
                LogNotTold(id, known.Message);
                await Task.Delay(TellAgain, time, closing);
            }
        }
    }

    private async Task ReadAsync(DatasetRow row, CancellationToken cancellationToken)
    {
        // Its own thread: this takes minutes on large sets and mostly waits for the disk.
        var scan = await Task.Factory.StartNew(
            () => MakeAndScan(row, cancellationToken), cancellationToken, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        await store.SaveScanAsync(row.Id, scan, cancellationToken);
        LogReady(row.Id, row.Name, scan.Samples.Count, scan.Classes.Count, scan.Problems.Count);
    }

    private DatasetScan MakeAndScan(DatasetRow row, CancellationToken cancellationToken)
    {
        var zip = store.ZipOf(row.Id);
        if (row.Origin == DatasetOrigin.Upload && File.Exists(zip))
            UploadFiles.Unpack(zip, row.Root, ZipLimits.Of(options.Value), feed.Progress(row.Id, DatasetWorkKind.Unpacking),
                cancellationToken);
        else if (row.Origin == DatasetOrigin.Upload && !Directory.Exists(row.Root))
            throw new DatasetException("file", DatasetWords.UploadIsGone);
        else if (row.Origin == DatasetOrigin.Demo && !Directory.Exists(row.Root))
            ShapesDataset.Write(row.Root, progress: feed.Progress(row.Id, DatasetWorkKind.Drawing), cancellationToken: cancellationToken);
        var progress = feed.Progress(row.Id, DatasetWorkKind.Checking);
        progress.Report((0, 0));
        var scan = ImageFolder.Scan(
            row.Root, progress: progress, fence: store.OpenFence(row), layout: LayoutChoice.Parse(DatasetStore.LayoutOf(row)),
            cancellationToken: cancellationToken);
        return row.Origin == DatasetOrigin.Upload ? WithFindings(scan, UploadRecord.Load(row.Root).Findings) : scan;
    }

    /// <summary>Behind the errors, before what concerns single files.</summary>
    private static DatasetScan WithFindings(DatasetScan scan, IReadOnlyList<DatasetProblem> findings) =>
        findings.Count == 0 ? scan : scan with
    {
        Problems = [.. findings.Concat(scan.Problems).OrderByDescending(problem => problem.Severity)],
    };

    /// <summary>
    /// Files and samples go when no run refers to them; the row stays, so that its id and the demo set's deletion are remembered.
    /// </summary>
    private async Task RemoveAsync(DatasetRow row, CancellationToken cancellationToken)
    {
        var used = await store.HasRunsAsync(row.Id, cancellationToken);
        if (row.Owned && (!used || row.Root.Length == 0))
        {
            var folder = store.FolderOf(row.Id);
            File.Delete(store.ZipOf(row.Id));
            File.Delete(UploadRecord.PathOf(folder));
            if (Directory.Exists(folder)) Directory.Delete(folder, recursive: true);
        }
        if (!used) await store.ForgetSamplesAsync(row.Id, cancellationToken);
    }

    private StorageException? Explain(Exception exception) =>
        StorageException.Explain(exception.InnerException ?? exception, StorageWords.DataRoot(options.Value.DataRoot));

    private string Words(Exception exception) =>
        Explain(exception) is { } known
            ? DatasetWords.ScanAgain(known.Message)
            : RefusalException.WordsOf(exception) is { } words ? DatasetWords.Unexpected(words) : DatasetWords.Fault;

    [LoggerMessage(LogLevel.Information, "Dataset {Id} ({Name}) is ready: {Samples} images of {Classes} classes, {Problems} problems")]
    private partial void LogReady(int id, string name, int samples, int classes, int problems);

    [LoggerMessage(LogLevel.Error, "The work on dataset {Id} failed")]
    private partial void LogFailed(Exception exception, int id);

    [LoggerMessage(LogLevel.Warning, "That dataset {Id} failed can't be stored, trying again: {Reason}")]
    private partial void LogNotTold(int id, string reason);

    [LoggerMessage(LogLevel.Warning, "The demo dataset was not made: {Reason}")]
    private partial void LogNoDemo(string reason);
}

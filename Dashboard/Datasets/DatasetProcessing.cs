using Dashboard.Datasets.Words;
using Dashboard.Processes;
using Dashboard.Storage;
using Dashboard.Storage.Words;
using Microsoft.Extensions.Options;

namespace Dashboard.Datasets;

/// <summary>Brings the files of one dataset in line with its row, and writes down what came of it.</summary>
internal sealed partial class DatasetProcessing(
    DatasetStore store, DatasetFiles files, DatasetFeed feed, DemoReadiness demos, IOptions<DashboardOptions> options, Guard guard,
    ILogger<DatasetProcessing> log)
{
    /// <summary>Reads a dataset that waits for it, or removes a deleted one.</summary>
    /// <param name="cancellationToken">The dataset was deleted, or the dashboard closes.</param>
    public async Task RunAsync(int id, CancellationToken cancellationToken, CancellationToken closing)
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
    private Task FailAsync(int id, string message, CancellationToken closing) =>
        guard.UntilItWorksAsync("Storing that datasets failed", storing => store.FailAsync(id, message, storing), closing);

    private async Task ReadAsync(DatasetRow row, CancellationToken cancellationToken)
    {
        // A scan has a thread of its own: it takes minutes on large sets and mostly waits for the disk.
        var scan = await Task.Factory.StartNew(
            () => files.Read(row, cancellationToken), cancellationToken, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        await store.SaveScanAsync(row.Id, scan, cancellationToken);
        LogReady(row.Id, row.Name, scan.Samples.Count, scan.Classes.Count, scan.Problems.Count);
    }

    /// <summary>
    /// Files and samples go when no run refers to them; the row stays, so that its id and the demo set's deletion are remembered.
    /// </summary>
    private async Task RemoveAsync(DatasetRow row, CancellationToken cancellationToken)
    {
        var used = await store.HasRunsAsync(row.Id, cancellationToken);
        if (row.Owned && (!used || row.Root.Length == 0)) files.Remove(row.Id);
        if (!used) await store.ForgetSamplesAsync(row.Id, cancellationToken);
    }

    /// <summary>Nothing is done with the dataset any more, whoever did it.</summary>
    public void Ended(int id)
    {
        demos.Ended(id);
        feed.Ended(id);
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
}

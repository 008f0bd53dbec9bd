using Dashboard.Datasets.Imports;
using Dashboard.Storage;
using Dashboard.Storage.Words;
using Microsoft.Extensions.Options;

namespace Dashboard.Datasets;

/// <summary>
/// What the dashboard does for its datasets when it starts: clears away what uploads left half-made, and draws the demo set if there was
/// none yet.
/// </summary>
internal sealed partial class DatasetStart(
    DatasetStore store, DemoReadiness demos, IOptions<DashboardOptions> options, TimeProvider time, ILogger<DatasetStart> log)
{
    private static readonly TimeSpan Abandoned = TimeSpan.FromDays(1);

    private bool _isCleared;

    /// <summary>Called again after a failure; of several dashboards one does it at a time.</summary>
    /// <returns>The datasets that have to be worked on.</returns>
    public async Task<IReadOnlyList<int>> FindUnfinishedAsync(CancellationToken cancellationToken)
    {
        // Once: when this is called again after a failure, uploads may be arriving.
        if (!_isCleared) UploadFiles.RemoveUnfinished(options.Value, options.Value.IsOneOfSeveral ? time.GetUtcNow() - Abandoned : null);
        _isCleared = true;
        var (demoKnown, unfinishedDemos, unfinished) = await store.StartUpAsync(cancellationToken);
        // Once only: somebody who deletes it doesn't want it back at the next start.
        if (options.Value.DemoDataset && !demoKnown && await AddDemoAsync(cancellationToken) is { } demo) unfinishedDemos = [demo];
        demos.Await(unfinishedDemos);
        return unfinished;
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
        catch (Exception exception) when (StorageException.Explain(
            exception.InnerException ?? exception, StorageWords.DataRoot(options.Value.DataRoot)) is { } known)
        {
            // The next start tries it again.
            LogNoDemo(known.Message);
        }
        return null;
    }

    [LoggerMessage(LogLevel.Warning, "The demo dataset was not made: {Reason}")]
    private partial void LogNoDemo(string reason);
}

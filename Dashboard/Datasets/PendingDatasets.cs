using System.Threading.Channels;

namespace Dashboard.Datasets;

/// <summary>Datasets whose files have to be brought in line with their row, one at a time. Thread-safe.</summary>
public sealed class PendingDatasets
{
    private readonly Channel<int> _waiting = Channel.CreateUnbounded<int>(new UnboundedChannelOptions { SingleReader = true });
    private readonly Lock _gate = new();
    private (int DatasetId, CancellationTokenSource Stop)? _current;

    public void Add(int datasetId) => _waiting.Writer.TryWrite(datasetId);

    public IAsyncEnumerable<int> ReadAllAsync(CancellationToken cancellationToken) => _waiting.Reader.ReadAllAsync(cancellationToken);

    /// <summary>Ends the work on the dataset if it is under way; it is left as it is then.</summary>
    public void Cancel(int datasetId)
    {
        lock (_gate)
            if (_current is { } current && current.DatasetId == datasetId) current.Stop.Cancel();
    }

    /// <summary>Does the work so that <see cref="Cancel"/> can end it.</summary>
    /// <param name="cancellationToken">Ends all work: the dashboard closes.</param>
    /// <exception cref="OperationCanceledException">One of the two.</exception>
    public async Task RunAsync(int datasetId, Func<CancellationToken, Task> work, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(work);
        using var own = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        lock (_gate) _current = (datasetId, own);
        try
        {
            await work(own.Token);
        }
        finally
        {
            lock (_gate) _current = null;
        }
    }
}

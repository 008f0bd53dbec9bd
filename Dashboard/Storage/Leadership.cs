using Dashboard.Processes;

namespace Dashboard.Storage;

/// <summary>
/// Who of the dashboards over a database looks after all machines: one at a time, by a lock of the database. When it dies, another one
/// leads within seconds. A dashboard with a database of its own always leads.
/// </summary>
internal sealed partial class Leadership(DatabaseLocks locks, Guard guard, TimeProvider time, ILogger<Leadership> logger)
    : GuardedService("Taking the duty over machines", guard)
{
    /// <summary>As earlier versions call it, which may stand over the same database.</summary>
    private const string LockName = "duty";
    private static readonly TimeSpan Again = TimeSpan.FromSeconds(2);

    private volatile bool _isMine;

    public bool IsMine => _isMine;

    protected override async Task WorkAsync(CancellationToken cancellationToken)
    {
        // Who waits for a leader must not wait longer the longer the database was away.
        while (!cancellationToken.IsCancellationRequested)
            if (!await Guard.TryAsync(Part, HoldAsync, cancellationToken)) await Task.Delay(Again, time, cancellationToken);
    }

    private async Task HoldAsync(CancellationToken cancellationToken)
    {
        try
        {
            await using var turn = await locks.TakeAsync(LockName, cancellationToken);
            _isMine = true;
            LogTaken();
            Guard.Works(Part);
            using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, turn.Lost);
            await Task.Delay(Timeout.InfiniteTimeSpan, time, over.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            // Before the lock is given back: nobody else may have it while this one still thinks so.
            _isMine = false;
            if (!cancellationToken.IsCancellationRequested) LogLost();
        }
        finally
        {
            _isMine = false;
        }
    }

    [LoggerMessage(LogLevel.Information, "This dashboard looks after the machines now")]
    private partial void LogTaken();

    [LoggerMessage(LogLevel.Warning, "The connection that held the lead broke; another dashboard may have it now")]
    private partial void LogLost();
}

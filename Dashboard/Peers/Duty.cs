using Dashboard.Storage;

namespace Dashboard.Peers;

/// <summary>
/// Who of the dashboards over a database looks after all machines: one at a time, by a lock of the database. When it dies, another one has
/// the duty within seconds. A dashboard with a database of its own always has it.
/// </summary>
internal sealed partial class Duty(DatabaseLocks locks, TimeProvider time, ILogger<Duty> logger) : BackgroundService
{
    private const string LockName = "duty";
    private static readonly TimeSpan Again = TimeSpan.FromSeconds(2);

    private volatile bool _isMine;

    public bool IsMine => _isMine;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Yield();
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await using var turn = await locks.TakeAsync(LockName, stoppingToken);
                _isMine = true;
                LogTaken();
                using var over = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken, turn.Lost);
                await Task.Delay(Timeout.InfiniteTimeSpan, time, over.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                _isMine = false;
                if (!stoppingToken.IsCancellationRequested) LogLost();
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                _isMine = false;
                LogFailed(e.Message);
                await Task.Delay(Again, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    [LoggerMessage(LogLevel.Information, "This dashboard looks after the machines now")]
    private partial void LogTaken();

    [LoggerMessage(LogLevel.Warning, "The connection that held the duty broke; another dashboard may have it now")]
    private partial void LogLost();

    [LoggerMessage(LogLevel.Warning, "The duty can't be taken, trying again: {Reason}")]
    private partial void LogFailed(string reason);
}

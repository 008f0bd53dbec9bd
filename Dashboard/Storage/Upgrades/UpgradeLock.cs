using Dashboard.Storage.Files;
namespace Dashboard.Storage.Upgrades;

/// <summary>
/// A file that one process at a time holds open while it works on an SQLite database: the system gives it up when the holder dies,
/// however that happens.
/// </summary>
internal sealed partial class UpgradeLock : IDisposable
{
    private static readonly TimeSpan Again = TimeSpan.FromMilliseconds(200), SayAgain = TimeSpan.FromSeconds(30);

    private readonly FileStream _held;

    private UpgradeLock(FileStream held) => _held = held;

    /// <summary>Waits for its turn, and says at once and then twice a minute for whom.</summary>
    /// <param name="database">The database's file.</param>
    public static async Task<UpgradeLock> TakeAsync(string database, TimeProvider time, ILogger log, CancellationToken cancellationToken)
    {
        var file = database + ".upgrade-lock";
        long? said = null;
        while (true)
        {
            if (TryTake(file) is { } held) return held;
            if (said is null || time.GetElapsedTime(said.Value) > SayAgain)
            {
                said = time.GetTimestamp();
                LogWaiting(log, FileIdentity.HolderOf(file), database);
            }
            // Not the guard's: nothing failed, somebody else is at it.
            await Task.Delay(Again, time, cancellationToken);
        }
    }

    public void Dispose() => _held.Dispose();

    private static UpgradeLock? TryTake(string file)
    {
        try
        {
            return new UpgradeLock(new FileStream(file, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 1));
        }
        catch (IOException exception) when (DataRoot.IsTaken(exception))
        {
            return null;
        }
    }

    [LoggerMessage(LogLevel.Warning,
        "Waiting: another dashboard ({Holder}) brings the database {Database} to its form. This start goes on when that one is done or "
            + "ended; if it hangs, end that process")]
    private static partial void LogWaiting(ILogger log, string holder, string database);
}

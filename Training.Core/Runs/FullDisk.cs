namespace Training.Core.Runs;

/// <summary>A disk without room: what a training has learned is worth more than the time until somebody makes some.</summary>
public static class FullDisk
{
    private const int NoSpace = 28;
    private const int QuotaExceeded = 122;
    private const int DiskFullOnWindows = unchecked((int)0x80070070);

    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(2);

    /// <summary>Whether a write failed for want of room; also one that another exception wraps, as HttpClient does.</summary>
    public static bool Is(Exception error)
    {
        ArgumentNullException.ThrowIfNull(error);
        return error is IOException
            && (error.HResult is NoSpace or QuotaExceeded or DiskFullOnWindows || error.Message.StartsWith("No space left on device", StringComparison.Ordinal))
            || error.InnerException is { } inner && Is(inner);
    }

    /// <summary>Writes, again and again while there is no room; the calling thread waits.</summary>
    /// <param name="write">Leaves nothing behind when it fails, as <see cref="AtomicFile"/> does.</param>
    /// <param name="tell">Called once, when the waiting begins, with words that say what to do.</param>
    /// <exception cref="OperationCanceledException">It was cancelled while it waited.</exception>
    public static void Outlast(Action write, Action<string> tell, CancellationToken stop)
    {
        ArgumentNullException.ThrowIfNull(write);
        ArgumentNullException.ThrowIfNull(tell);
        for (var isTold = false; ; isTold = true)
        {
            try
            {
                write();
                return;
            }
            catch (IOException error) when (Is(error))
            {
                if (!isTold) tell($"The disk is full ({error.Message}). Free some space: the training waits, and goes on by itself.");
                if (stop.WaitHandle.WaitOne(Pause)) stop.ThrowIfCancellationRequested();
            }
        }
    }
}

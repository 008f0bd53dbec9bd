namespace Training.Core.Runs;

/// <summary>A disk without room: what a training has learned is worth more than the time until somebody makes some.</summary>
public static class FullDisk
{
    internal const int NoSpace = 28;
    private const int QuotaExceeded = 122;
    private const int DiskFullOnWindows = unchecked((int)0x80070070);

    /// <summary>How the words begin for a phase that is nothing but waiting for room.</summary>
    public const string Beginning = "The disk is full";

    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(2);

    /// <summary>After so many pauses it is tried even if the figures say no: they may be about another part of the disk.</summary>
    private const int MostPauses = 30;

    /// <summary>Whether a write failed for want of room; also one that another exception wraps, as HttpClient does.</summary>
    public static bool Is(Exception error)
    {
        ArgumentNullException.ThrowIfNull(error);
        return error is IOException
            && (error.HResult is NoSpace or QuotaExceeded or DiskFullOnWindows
                || error.Message.StartsWith("No space left on device", StringComparison.Ordinal))
            || error.InnerException is { } inner && Is(inner);
    }

    /// <summary>What waits, how much it needs and what is free, as far as the error knows it.</summary>
    public static string Words(Exception error)
    {
        ArgumentNullException.ThrowIfNull(error);
        while (error is not NoSpaceException && error.InnerException is { } inner) error = inner;
        return $"{Beginning}: {error.Message.TrimEnd('.')}. Free some space there: it waits, and goes on by itself.";
    }

    /// <summary>Whether a phase's words are <see cref="Words"/>.</summary>
    public static bool IsWaiting(string phase) => phase?.StartsWith(Beginning, StringComparison.Ordinal) == true;

    /// <summary>Writes, again and again while there is no room; the calling thread waits.</summary>
    /// <param name="write">Leaves nothing behind when it fails, as <see cref="AtomicFile"/> does.</param>
    /// <param name="tell">Called once, when the waiting begins, with words that say what waits and what to do.</param>
    /// <param name="goesOn">Called once it is written after all.</param>
    /// <exception cref="OperationCanceledException">It was cancelled while it waited.</exception>
    public static void Outlast(Action write, Action<string> tell, CancellationToken cancellationToken, Action? goesOn = null)
    {
        ArgumentNullException.ThrowIfNull(write);
        ArgumentNullException.ThrowIfNull(tell);
        for (var isTold = false; ; isTold = true)
        {
            try
            {
                write();
                if (isTold) goesOn?.Invoke();
                return;
            }
            catch (IOException error) when (Is(error))
            {
                if (!isTold) tell(Words(error));
                Wait(error as NoSpaceException, cancellationToken);
            }
        }
    }

    /// <summary>Until there may be room: writing all of a large file to learn that its end doesn't fit would keep the disk busy.</summary>
    private static void Wait(NoSpaceException? known, CancellationToken cancellationToken)
    {
        for (var pauses = 0; pauses < MostPauses; pauses++)
        {
            if (cancellationToken.WaitHandle.WaitOne(Pause)) cancellationToken.ThrowIfCancellationRequested();
            if (known is null || known.Free is null || known.Free >= known.Needed || DiskRoom.FreeAt(known.Location) is not { } free
                || free >= known.Needed) return;
        }
    }
}

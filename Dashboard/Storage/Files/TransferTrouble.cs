namespace Dashboard.Storage.Files;

/// <summary>
/// Since when nothing arrives, shared by all transfers that need the same server: what may pass by itself is tried again, after pauses that
/// grow, until nothing has come for too long or in too many tries. Thread-safe.
/// </summary>
internal sealed class TransferTrouble(TimeProvider time)
{
    internal static readonly TimeSpan GiveUpAfter = TimeSpan.FromMinutes(10);

    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(30);

    private readonly Lock _gate = new();
    private DateTimeOffset? _since;
    private TimeSpan? _pause;
    private long? _grown;
    private int _tries;

    /// <summary>Before the second try; doubled before each further one.</summary>
    public TimeSpan FirstPause { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>For so long nothing may come; infinite: only the tries count.</summary>
    public TimeSpan Longest { get; init; } = GiveUpAfter;

    /// <summary>In so many tries one after the other nothing may come.</summary>
    public int MostTries { get; init; } = int.MaxValue;

    /// <summary>Does the work, again while it fails of what may pass by itself (<see cref="TransferFailure"/>).</summary>
    /// <param name="again">Told before each pause.</param>
    /// <param name="giveUp">What is thrown when it has gone on for too long.</param>
    public async Task<T> TryAsync<T>(
        Func<Task<T>> work, Func<TransferSetback, Task> again, Func<TransferSetback, Exception> giveUp, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                var result = await work();
                Passed();
                return result;
            }
            catch (Exception e) when (!cancellationToken.IsCancellationRequested && TransferFailure.IsPassing(e))
            {
                var setback = Next(e);
                if (setback.IsLast) throw giveUp(setback);
                await again(setback);
                await Task.Delay(setback.Pause, time, cancellationToken);
            }
        }
    }

    /// <summary>Something has arrived.</summary>
    public void Passed()
    {
        lock (_gate) (_since, _pause, _grown, _tries) = (null, null, null, 0);
    }

    /// <summary>Nothing has arrived.</summary>
    public TransferSetback Next(Exception cause)
    {
        lock (_gate)
        {
            var since = _since ??= time.GetUtcNow();
            var isLast = ++_tries >= MostTries || Longest != Timeout.InfiniteTimeSpan && time.GetUtcNow() - since >= Longest;
            var pause = _pause ??= FirstPause;
            // Once a pause, however many transfers break in that time; with some slack, for clocks that ring a little early.
            if (_grown is null || time.GetElapsedTime(_grown.Value) >= pause * 0.4)
            {
                _pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
                _grown = time.GetTimestamp();
            }
            return new TransferSetback(cause, since, pause, isLast);
        }
    }
}

/// <summary>A try that brought nothing.</summary>
/// <param name="Since">When the first such try failed.</param>
/// <param name="Pause">Before the next try.</param>
/// <param name="IsLast">There is no next try.</param>
internal sealed record TransferSetback(Exception Cause, DateTimeOffset Since, TimeSpan Pause, bool IsLast);

using Dashboard.Storage.Words;

namespace Dashboard.Storage.Files;

/// <summary>
/// Since when nothing arrives, shared by all transfers of one attempt: pauses grow, pages are told, and after so long without a file the
/// attempt is given up, so that its device is free again. Thread-safe.
/// </summary>
internal sealed class TransferTrouble(TimeProvider time)
{
    internal static readonly TimeSpan GiveUpAfter = TimeSpan.FromMinutes(10);

    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(30);

    private readonly Lock _gate = new();
    private DateTimeOffset? _since;
    private TimeSpan _pause = FirstPause;
    private long? _grown;

    /// <summary>Something has arrived.</summary>
    public void Passed()
    {
        lock (_gate) (_since, _pause, _grown) = (null, FirstPause, null);
    }

    /// <param name="words">What went wrong, without a full stop.</param>
    /// <param name="pause">How long to wait before the next try.</param>
    /// <returns>What people are told.</returns>
    /// <exception cref="FetchException">It has gone on for too long.</exception>
    public string Again(string words, Exception cause, out TimeSpan pause)
    {
        lock (_gate)
        {
            var since = _since ??= time.GetUtcNow();
            var told = StorageWords.Since(words, time.GetLocalNow() - (time.GetUtcNow() - since));
            if (time.GetUtcNow() - since >= GiveUpAfter)
                throw new FetchException(StorageWords.AskedInVain(told, GiveUpAfter), cause);
            pause = _pause;
            // It grows once a pause, however many transfers break in that time.
            if (_grown is null || time.GetElapsedTime(_grown.Value) >= _pause)
            {
                _pause = _pause * 2 < LongestPause ? _pause * 2 : LongestPause;
                _grown = time.GetTimestamp();
            }
            return StorageWords.AskedAgain(told);
        }
    }
}

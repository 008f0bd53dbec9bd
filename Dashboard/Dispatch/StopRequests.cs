using Dashboard.Protocol;

namespace Dashboard.Dispatch;

/// <summary>
/// Which attempts were asked to stop, and since when they have not listened. A run that is resumed has another attempt, which nobody
/// asked; so of each run only the newest attempt that was asked is remembered. Thread-safe.
/// </summary>
internal sealed class StopRequests(TimeProvider time)
{
    /// <summary>A dashboard also hears of attempts that others see to the end of: those are never forgotten, only pushed out.</summary>
    internal const int MostRemembered = 1000;

    private readonly Lock _gate = new();
    private readonly Dictionary<int, (int Attempt, long Since)> _asked = [];

    internal int Count
    {
        get
        {
            lock (_gate) return _asked.Count;
        }
    }

    public void Note(AttemptId attempt)
    {
        lock (_gate)
        {
            if (_asked.TryGetValue(attempt.RunId, out var known) && known.Attempt >= attempt.Number) return;
            _asked[attempt.RunId] = (attempt.Number, time.GetTimestamp());
            if (_asked.Count > MostRemembered) _asked.Remove(_asked.MinBy(asked => asked.Value.Since).Key);
        }
    }

    /// <summary>How long ago it was asked; null when nobody did.</summary>
    public TimeSpan? Waited(AttemptId attempt)
    {
        lock (_gate)
            return _asked.TryGetValue(attempt.RunId, out var known) && known.Attempt == attempt.Number
                ? time.GetElapsedTime(known.Since) : null;
    }

    /// <summary>The attempt is over; what was asked of a later one stays.</summary>
    public void Forget(AttemptId attempt)
    {
        lock (_gate)
            if (_asked.TryGetValue(attempt.RunId, out var known) && known.Attempt <= attempt.Number) _asked.Remove(attempt.RunId);
    }
}

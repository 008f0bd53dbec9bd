using System.Collections.Concurrent;

namespace Dashboard.Access.Doors;

/// <summary>
/// Which refusals stand in the log already. Whoever is refused tries again and again, and a stranger can make up a new reason each time: a
/// refusal is told once, and all together fill no disk. Thread-safe.
/// </summary>
public sealed partial class RefusalLog(TimeProvider time, ILogger<RefusalLog> logger)
{
    /// <summary>Remembered at a time; then all are forgotten.</summary>
    public const int Remembered = 2_000;

    /// <summary>Lines a minute, whatever is refused.</summary>
    public const int MostAMinute = 60;

    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    private readonly ConcurrentDictionary<int, byte> _told = new();
    private readonly Lock _lock = new();
    private DateTimeOffset _since;
    private int _lines;

    /// <summary>Whether a refusal is worth a line in the log.</summary>
    /// <param name="refusal">Who, from where, and why; only its hash is kept.</param>
    public bool IsNew(string refusal)
    {
        if (_told.Count >= Remembered) _told.Clear();
        if (!_told.TryAdd(refusal.GetHashCode(StringComparison.Ordinal), 0)) return false;
        lock (_lock)
        {
            var now = time.GetUtcNow();
            if (now - _since >= Minute) (_since, _lines) = (now, 0);
            if (++_lines <= MostAMinute) return true;
            if (_lines == MostAMinute + 1) LogMore(MostAMinute);
            return false;
        }
    }

    [LoggerMessage(LogLevel.Warning, "More than {Count} kinds of refusals came within a minute; the rest of them is not told")]
    private partial void LogMore(int count);
}

using System.Collections.Concurrent;
using Dashboard.Storage.Words;
using Training.Core.Runs;

namespace Dashboard.Storage.Files;

/// <summary>
/// Room on the disk of the data root, and what waits for it: whatever was refused there says how much it needs, until it fits or is given
/// up. Thread-safe.
/// </summary>
public sealed class DiskSpace(TimeProvider time)
{
    /// <summary>Less is as good as none: a database's log no longer fits.</summary>
    public const long Least = 16L << 20;

    /// <summary>Who waits tries again every few seconds; who hasn't for so long has given up.</summary>
    private static readonly TimeSpan GivenUp = TimeSpan.FromMinutes(2);

    private readonly ConcurrentDictionary<string, Need> _needs = new(StringComparer.Ordinal);

    /// <summary>Bytes free where a folder lies; null when the system doesn't tell.</summary>
    public static long? FreeAt(string folder) => DiskRoom.FreeAt(folder);

    /// <summary>Makes sure that something fits, and remembers it as waiting if it doesn't.</summary>
    /// <param name="what">As people know it, such as "best_model.pth of run 7".</param>
    /// <exception cref="NoSpaceException">It doesn't fit.</exception>
    public void Require(string what, string path, long bytes)
    {
        try
        {
            DiskRoom.Require(what, path, bytes);
        }
        catch (NoSpaceException)
        {
            Refused(what, path, bytes);
            throw;
        }
    }

    /// <summary>There was no room although it seemed so.</summary>
    public void Refused(string what, string path, long bytes) => _needs[what] = new Need(what, path, bytes, time.GetUtcNow());

    /// <summary>What needed room is written.</summary>
    public void Done(string what) => _needs.TryRemove(what, out _);

    /// <summary>What still doesn't fit, the largest first, in words.</summary>
    public IReadOnlyList<string> Waiting()
    {
        var before = time.GetUtcNow() - GivenUp;
        List<string> waiting = [];
        foreach (var need in _needs.Values.OrderByDescending(need => need.Bytes))
        {
            var free = FreeAt(need.Path);
            if (need.At < before || free >= need.Bytes) _needs.TryRemove(KeyValuePair.Create(need.What, need));
            else waiting.Add(StorageWords.Needs(need.What, need.Bytes, free));
        }
        return waiting;
    }

    private sealed record Need(string What, string Path, long Bytes, DateTimeOffset At);
}

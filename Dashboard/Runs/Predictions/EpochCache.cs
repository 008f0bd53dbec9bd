using Dashboard.Processes;

namespace Dashboard.Runs.Predictions;

/// <summary>
/// What was read from prediction files, kept as <see cref="LruCache{TKey, TValue}"/> does; a missing file never is, and one that was
/// written anew is read anew. Thread-safe.
/// </summary>
/// <param name="capacity">Sum of weights to keep; the newest value stays even when it is heavier alone.</param>
/// <param name="weigh">Weight of a value, at least 1.</param>
internal sealed class EpochCache<T>(long capacity, Func<T, long> weigh) where T : class
{
    private readonly LruCache<FileStamp, T> _values = new(capacity, weigh);

    /// <param name="read">Gets the path; not cancelled when one of several waiting callers leaves.</param>
    /// <returns>null when there is no such file.</returns>
    public async Task<T?> GetAsync(string path, Func<string, Task<T>> read, CancellationToken cancellationToken)
    {
        var file = new FileInfo(path);
        if (!file.Exists) return null;
        try
        {
            var stamp = new FileStamp(path, file.Length, file.LastWriteTimeUtc);
            return await _values.GetAsync(stamp, () => read(path), cancellationToken);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    private readonly record struct FileStamp(string Path, long Length, DateTime WrittenAt);
}

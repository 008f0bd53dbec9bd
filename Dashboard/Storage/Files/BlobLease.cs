namespace Dashboard.Storage.Files;

/// <summary>
/// Says which files of a cache are in use, so that nobody who shares the cache removes them: a list that those who read the files, such as
/// an agent and its trainer, hold open. When all have ended, however they did, nobody holds it, and it counts no more.
/// </summary>
internal sealed class BlobLease : IDisposable
{
    private const string Folder = ".leases";

    private readonly FileStream _held;

    private BlobLease(FileStream held) => _held = held;

    /// <summary>Only while nobody else changes the cache.</summary>
    /// <param name="cache">The cache's folder.</param>
    public static BlobLease Take(string cache, string name, IEnumerable<string> hashes)
    {
        var path = PathOf(cache, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllLines(path + ".new", hashes);
        File.Move(path + ".new", path, overwrite: true);
        return new BlobLease(Open(path));
    }

    /// <summary>Holds it too, from another process.</summary>
    /// <returns>Null when there is none.</returns>
    public static BlobLease? Join(string cache, string name)
    {
        try
        {
            return new BlobLease(Open(PathOf(cache, name)));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>
    /// All files that somebody holds; only while nobody else changes the cache. Lists that nobody holds any more are removed.
    /// </summary>
    public static IReadOnlySet<string> InUse(string cache)
    {
        var used = new HashSet<string>(StringComparer.Ordinal);
        var folder = Path.Combine(cache, Folder);
        foreach (var path in Directory.Exists(folder) ? Directory.GetFiles(folder) : [])
        {
            if (HeldFile.TryOpen(path) is { } left)
            {
                File.Delete(path);
                left.Dispose();
                continue;
            }
            using var reader = new StreamReader(Open(path));
            while (reader.ReadLine() is { } hash) used.Add(hash);
        }
        return used;
    }

    public void Dispose() => _held.Dispose();

    private static string PathOf(string cache, string name) => Path.Combine(cache, Folder, name);

    private static FileStream Open(string path) => new(path, FileMode.Open, FileAccess.Read, FileShare.Read);
}

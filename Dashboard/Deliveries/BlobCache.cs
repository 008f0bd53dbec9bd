using System.Security.Cryptography;

namespace Dashboard.Deliveries;

/// <summary>Files by their content, kept for later runs up to a size; those that nobody used for longest go first. Thread-safe.</summary>
internal sealed class BlobCache(string folder, long mostBytes)
{
    private const string Unfinished = ".part";

    public string Folder { get; } = folder;

    /// <summary>Relative to <see cref="Folder"/>.</summary>
    public static string PathOf(string sha256) => $"{sha256[..2]}/{sha256}";

    public bool Has(string sha256) => File.Exists(FullPath(sha256));

    /// <summary>Notes that it is used now.</summary>
    public void Touch(string sha256, DateTimeOffset now) => File.SetLastAccessTimeUtc(FullPath(sha256), now.UtcDateTime);

    /// <summary>
    /// Fetches a file, from where an earlier try broke off, and takes it only if its content is what its name says.
    /// </summary>
    /// <param name="fetch">Opens the file from a byte on.</param>
    /// <exception cref="InvalidDataException">Something else came.</exception>
    public async Task AddAsync(string sha256, Func<long, CancellationToken, Task<Stream>> fetch, CancellationToken stop)
    {
        var path = FullPath(sha256);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        var part = path + Unfinished;
        await using (var file = new FileStream(part, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None))
        {
            file.Seek(0, SeekOrigin.End);
            await using (var source = await fetch(file.Position, stop)) await source.CopyToAsync(file, stop);
            file.Position = 0;
            if (Convert.ToHexStringLower(await SHA256.HashDataAsync(file, stop)) != sha256)
            {
                file.SetLength(0);
                throw new InvalidDataException($"What the dashboard sent as {sha256[..12]}… has another content. Look through the dataset again: a file has changed since.");
            }
        }
        File.Move(part, path, overwrite: true);
    }

    /// <summary>Removes what was used longest ago until the rest fits.</summary>
    /// <param name="keep">Never removed: a run is about to read them.</param>
    public void Trim(IReadOnlySet<string> keep)
    {
        if (!Directory.Exists(Folder)) return;
        var files = new DirectoryInfo(Folder).EnumerateFiles("*", SearchOption.AllDirectories).ToList();
        var bytes = files.Sum(file => file.Length);
        foreach (var file in files.OrderBy(file => file.LastAccessTimeUtc))
        {
            if (bytes <= mostBytes) return;
            if (keep.Contains(file.Name)) continue;
            bytes -= file.Length;
            file.Delete();
        }
    }

    private string FullPath(string sha256) => Path.Combine(Folder, PathOf(sha256));
}

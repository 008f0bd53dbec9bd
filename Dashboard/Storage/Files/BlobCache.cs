using Dashboard.Storage.Words;
namespace Dashboard.Storage.Files;

/// <summary>
/// Files by their content, kept up to a size; those that nobody used for longest go first, and none that is in use
/// (<see cref="BlobLease"/>). Other processes may share the folder. Thread-safe.
/// </summary>
internal sealed class BlobCache(string folder, long mostBytes, TimeProvider time)
{
    private static readonly TimeSpan Abandoned = TimeSpan.FromDays(1);

    public string Folder { get; } = folder;

    /// <summary>Relative to <see cref="Folder"/>.</summary>
    public static string PathOf(string sha256) => $"{sha256[..2]}/{sha256}";

    public static bool IsHash(string text) => text.Length == 64 && text.All(char.IsAsciiHexDigitLower);

    public bool Has(string sha256) => File.Exists(FullPath(sha256));

    /// <summary>Notes that it is used now.</summary>
    public void Touch(string sha256, DateTimeOffset now) => File.SetLastAccessTimeUtc(FullPath(sha256), now.UtcDateTime);

    /// <summary>Keeps these files, those here and those to come, until the lease is given back; then makes room.</summary>
    /// <param name="lease">A name that no other user of the folder gives.</param>
    public async Task<BlobLease> ReserveAsync(string lease, IReadOnlyCollection<string> wanted, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(Folder);
        // Two who make room at once would each remove what the other one is about to need.
        await using var turn = await HeldFile.OpenAsync(Path.Combine(Folder, ".turn"), time, cancellationToken);
        var held = BlobLease.Take(Folder, lease, wanted);
        try
        {
            Trim(BlobLease.InUse(Folder));
            return held;
        }
        catch
        {
            held.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Brings a file here, from where an earlier try broke off, and takes it only if its content is what its name says. Who wants one that
    /// is on its way waits for it.
    /// </summary>
    /// <param name="copy">Appends the rest of the file.</param>
    /// <exception cref="InvalidDataException">Something else came.</exception>
    public Task AddAsync(string sha256, Func<HeldPart, CancellationToken, Task> copy, CancellationToken cancellationToken) =>
        new PartFile(FullPath(sha256), time).BringAsync(sha256, copy,
            _ => new InvalidDataException(StorageWords.OtherContentCame(sha256)), cancellationToken);

    private void Trim(IReadOnlySet<string> used)
    {
        var files = new DirectoryInfo(Folder).EnumerateDirectories("??").SelectMany(folder => folder.EnumerateFiles()).ToList();
        var before = time.GetUtcNow().UtcDateTime - Abandoned;
        foreach (var part in files.Where(file => file.Extension == PartFile.Suffix && file.LastWriteTimeUtc < before)) Remove(part);
        var whole = files.Where(file => IsHash(file.Name)).ToList();
        var bytes = whole.Sum(file => file.Length);
        foreach (var file in whole.OrderBy(file => file.LastAccessTimeUtc))
        {
            if (bytes <= mostBytes) return;
            if (used.Contains(file.Name)) continue;
            bytes -= file.Length;
            file.Delete();
        }
    }

    /// <summary>Unless somebody is writing it.</summary>
    private static void Remove(FileInfo part)
    {
        using var held = HeldFile.TryOpen(part.FullName);
        if (held is not null) part.Delete();
    }

    private string FullPath(string sha256) => Path.Combine(Folder, PathOf(sha256));
}

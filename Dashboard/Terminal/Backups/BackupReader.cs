using System.IO.Compression;
using System.Security.Cryptography;
using System.Text.Json;
using Training.Core.Runs;

namespace Dashboard.Terminal.Backups;

/// <summary>The file of a backup, read.</summary>
internal sealed class BackupReader : IAsyncDisposable
{
    private const int BlockBytes = 1 << 20;

    private readonly ZipArchive _zip;
    private readonly Dictionary<string, ZipArchiveEntry> _entries;

    private BackupReader(ZipArchive zip, BackupManifest manifest)
    {
        (_zip, Manifest) = (zip, manifest);
        _entries = zip.Entries.ToDictionary(entry => entry.FullName, StringComparer.Ordinal);
    }

    public BackupManifest Manifest { get; }

    /// <exception cref="BackupException">It is no backup, cut off, or of a form that this version doesn't know.</exception>
    public static async Task<BackupReader> OpenAsync(string path, CancellationToken cancellationToken)
    {
        if (!File.Exists(path)) throw new BackupException($"There is no file {path}.");
        ZipArchive? zip = null;
        try
        {
            zip = await ZipFile.OpenReadAsync(path, cancellationToken);
            if (zip.GetEntry(BackupManifest.Name) is not { } entry)
                throw new BackupException($"{path} is no backup of a dashboard: {BackupManifest.Name} is missing in it.");
            await using var text = await entry.OpenAsync(cancellationToken);
            var manifest = await JsonSerializer.DeserializeAsync<BackupManifest>(text, CoreJson.Options, cancellationToken)
                ?? throw new JsonException();
            if (manifest.Format > BackupManifest.CurrentFormat)
                throw new BackupException($"{path} was made by a newer version of the dashboard ({manifest.Version}). Restore it with "
                    + "that version.");
            return new BackupReader(zip, manifest);
        }
        catch (Exception e) when (e is InvalidDataException or JsonException or EndOfStreamException or ArgumentException)
        {
            if (zip is not null) await zip.DisposeAsync();
            throw new BackupException($"{path} is cut off or damaged, or no backup of a dashboard. Copy it again from where it was made.",
                e);
        }
        catch
        {
            if (zip is not null) await zip.DisposeAsync();
            throw;
        }
    }

    /// <summary>Reads all of it.</summary>
    /// <exception cref="BackupException">Something is missing, is not what was put in, or would lie outside the data root.</exception>
    public async Task CheckAsync(IProgress<long> progress, CancellationToken cancellationToken)
    {
        foreach (var entry in Manifest.Entries)
        {
            if (entry.Name.Split('/').Any(part => part is "" or "." or "..")
                || (OperatingSystem.IsWindows() && entry.Name.Contains('\\', StringComparison.Ordinal)) || Path.IsPathRooted(entry.Name))
                throw new BackupException($"The entry “{entry.Name}” would lie outside the data root. This file wasn't made by a "
                    + "dashboard.");
            using var hash = SHA256.Create();
            await using var counted = new CountingStream(Stream.Null, hash, progress);
            await CopyAsync(entry, counted, cancellationToken);
            hash.TransformFinalBlock([], 0, 0);
            if (counted.Bytes != entry.Bytes || Convert.ToHexStringLower(hash.Hash!) != entry.Sha256) throw Damaged(entry);
        }
    }

    /// <exception cref="BackupException">It is missing or damaged.</exception>
    public async Task CopyAsync(BackupEntry entry, Stream target, CancellationToken cancellationToken)
    {
        try
        {
            if (!_entries.TryGetValue(entry.Name, out var zipped)) throw Damaged(entry);
            await using var source = await zipped.OpenAsync(cancellationToken);
            await source.CopyToAsync(target, BlockBytes, cancellationToken);
        }
        catch (InvalidDataException)
        {
            throw Damaged(entry);
        }
    }

    public async Task<Stream> OpenAsync(BackupEntry entry, CancellationToken cancellationToken) =>
        await _entries[entry.Name].OpenAsync(cancellationToken);

    public async ValueTask DisposeAsync() => await _zip.DisposeAsync();

    private static BackupException Damaged(BackupEntry entry) =>
        new($"The backup is damaged: “{entry.Name}” is missing or not what was put in. Nothing was restored. Copy it again from where it "
            + "was made.");
}

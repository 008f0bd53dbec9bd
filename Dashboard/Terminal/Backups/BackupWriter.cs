using System.IO.Compression;
using System.Security.Cryptography;
using System.Text.Json;
using Training.Core.Runs;

namespace Dashboard.Terminal.Backups;

/// <summary>
/// The file of a backup while it is written: a zip that any program opens, under a temporary name until it is whole, readable by its owner
/// only. Files are read once, hashed on the way, and never held in memory.
/// </summary>
internal sealed class BackupWriter : IAsyncDisposable
{
    private const int BlockBytes = 1 << 20;

    private readonly string _path, _unfinished;
    private readonly FileStream _file;
    private readonly ZipArchive _zip;
    private readonly List<BackupEntry> _entries = [];
    private readonly IProgress<long> _progress;
    private bool _isClosed;

    /// <param name="progress">Gets how many bytes more were read.</param>
    /// <exception cref="IOException">It can't be written there.</exception>
    public BackupWriter(string path, IProgress<long> progress)
    {
        (_path, _unfinished, _progress) = (path, path + ".part", progress);
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.ReadWrite, Share = FileShare.None };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        File.Delete(_unfinished);
        _file = new FileStream(_unfinished, options);
        _zip = new ZipArchive(_file, ZipArchiveMode.Create, leaveOpen: true);
    }

    public IReadOnlyList<BackupEntry> Entries => _entries;

    /// <returns>false when the file is gone by now.</returns>
    public async Task<bool> AddFileAsync(string path, string name, CancellationToken cancellationToken)
    {
        try
        {
            // Whoever renames over it, deletes it or appends to it isn't disturbed; what is read is the file that it was.
            await using var source = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete,
                bufferSize: 1, FileOptions.SequentialScan);
            await AddAsync(name, File.GetLastWriteTime(path), (target, token) => CopyAsync(source, target, token), cancellationToken);
            return true;
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return false;
        }
    }

    /// <param name="write">Writes the entry's content.</param>
    public async Task AddAsync(
        string name, DateTimeOffset at, Func<Stream, CancellationToken, Task> write, CancellationToken cancellationToken)
    {
        var entry = _zip.CreateEntry(name, IsCompressed(name) ? CompressionLevel.NoCompression : CompressionLevel.Fastest);
        if (at.Year is >= 1980 and < 2107) entry.LastWriteTime = at;
        using var hash = SHA256.Create();
        long bytes;
        await using (var target = await entry.OpenAsync(cancellationToken))
        await using (var counted = new CountingStream(target, hash, _progress))
        {
            await write(counted, cancellationToken);
            bytes = counted.Bytes;
        }
        hash.TransformFinalBlock([], 0, 0);
        _entries.Add(new BackupEntry(name, bytes, Convert.ToHexStringLower(hash.Hash!)));
    }

    /// <summary>Writes the list of what is in it, and gives it its name.</summary>
    public async Task FinishAsync(BackupManifest manifest, CancellationToken cancellationToken)
    {
        await using (var target = await _zip.CreateEntry(BackupManifest.Name).OpenAsync(cancellationToken))
            await JsonSerializer.SerializeAsync(target, manifest, CoreJson.Indented, cancellationToken);
        await _zip.DisposeAsync();
        await _file.FlushAsync(cancellationToken);
        _file.Flush(flushToDisk: true);
        _isClosed = true;
        await _file.DisposeAsync();
        File.Move(_unfinished, _path, overwrite: true);
    }

    /// <summary>Without <see cref="FinishAsync"/> nothing of it stays.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_isClosed) return;
        _isClosed = true;
        await _file.DisposeAsync();
        File.Delete(_unfinished);
    }

    private static async Task CopyAsync(Stream source, Stream target, CancellationToken cancellationToken) =>
        await source.CopyToAsync(target, BlockBytes, cancellationToken);

    /// <summary>Photos and weights don't become smaller, and storing them is ten times as fast.</summary>
    private static bool IsCompressed(string name) => Path.GetExtension(name).ToLowerInvariant() is
        ".jpg" or ".jpeg" or ".png" or ".webp" or ".zip" or ".pth" or ".safetensors" or ".onnx" or ".parquet";
}

/// <summary>Passes on what is written, and counts and hashes it.</summary>
internal sealed class CountingStream(Stream target, HashAlgorithm hash, IProgress<long>? progress) : Stream
{
    public long Bytes { get; private set; }

    public override bool CanRead => false;
    public override bool CanSeek => false;
    public override bool CanWrite => true;
    public override long Length => throw new NotSupportedException();
    public override long Position { get => Bytes; set => throw new NotSupportedException(); }

    public override void Write(byte[] buffer, int offset, int count)
    {
        target.Write(buffer, offset, count);
        Count(buffer, offset, count);
    }

    public override async Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken)
    {
        await target.WriteAsync(buffer.AsMemory(offset, count), cancellationToken);
        Count(buffer, offset, count);
    }

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        await target.WriteAsync(buffer, cancellationToken);
        var bytes = System.Runtime.InteropServices.MemoryMarshal.TryGetArray(buffer, out var segment)
            ? segment : new ArraySegment<byte>(buffer.ToArray());
        Count(bytes.Array!, bytes.Offset, bytes.Count);
    }

    public override void Flush() => target.Flush();
    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
    public override void SetLength(long value) => throw new NotSupportedException();

    private void Count(byte[] buffer, int offset, int count)
    {
        Bytes += count;
        hash.TransformBlock(buffer, offset, count, null, 0);
        progress?.Report(count);
    }
}

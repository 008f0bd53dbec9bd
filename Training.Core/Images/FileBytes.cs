using System.Security.Cryptography;
using Microsoft.Win32.SafeHandles;

namespace Training.Core.Images;

/// <summary>A file's bytes within the budget of the process; give them back by <see cref="Dispose"/>.</summary>
internal readonly struct FileBytes : IDisposable
{
    private readonly ByteBuffer _buffer;

    private FileBytes(ByteBuffer buffer, FileStamp stamp) => (_buffer, Stamp) = (buffer, stamp);

    public int Length => _buffer.Length;

    public ReadOnlySpan<byte> Span => _buffer.Span;

    /// <summary>Taken before the file was read.</summary>
    public FileStamp Stamp { get; }

    /// <summary>Lower-case hex.</summary>
    public string Sha256 => Convert.ToHexStringLower(SHA256.HashData(Span));

    /// <exception cref="ImageException">Larger than <see cref="ImageDecoder.MaxBytes"/>.</exception>
    /// <exception cref="IOException">Gone or unreadable; <see cref="UnauthorizedAccessException"/> without the right to read.</exception>
    /// <exception cref="OperationCanceledException">By <paramref name="cancellationToken"/>, while waiting for the budget.</exception>
    public static FileBytes Read(string path, FolderFence? fence = null, CancellationToken cancellationToken = default)
    {
        using var handle = (fence ?? FolderFence.None).Open(path);
        return Read(handle, cancellationToken);
    }

    /// <inheritdoc cref="Read(string, FolderFence?, CancellationToken)"/>
    public static FileBytes Read(SafeFileHandle handle, CancellationToken cancellationToken = default)
    {
        var stamp = FileStamp.Of(handle);
        if (stamp.Length > ImageDecoder.MaxBytes)
            throw new ImageException($"is larger than {ImageDecoder.MaxBytes >> 20} MB") { TooLarge = true };
        DecodeBudget.OfFiles.Take(stamp.Length, cancellationToken);
        var bytes = new FileBytes(new ByteBuffer((int)stamp.Length), stamp);
        try
        {
            var rest = bytes._buffer.Span;
            var filled = 0;
            while (filled < rest.Length && RandomAccess.Read(handle, rest[filled..], filled) is > 0 and var read) filled += read;
            return filled == rest.Length ? bytes : throw new ImageException("is being written at this moment (it has become shorter)");
        }
        catch
        {
            bytes.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        _buffer.Dispose();
        DecodeBudget.OfFiles.Release(Length);
    }
}

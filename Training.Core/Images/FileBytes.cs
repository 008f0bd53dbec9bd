using System.Buffers;
using Microsoft.Win32.SafeHandles;

namespace Training.Core.Images;

/// <summary>A file's bytes in a rented buffer; give it back by <see cref="Dispose"/>.</summary>
internal readonly struct FileBytes : IDisposable
{
    private readonly byte[] _buffer;

    private FileBytes(byte[] buffer, int length) => (_buffer, Length) = (buffer, length);

    public int Length { get; }

    public ReadOnlySpan<byte> Span => _buffer.AsSpan(0, Length);

    /// <exception cref="ImageException">Larger than <see cref="ImageDecoder.MaxBytes"/>.</exception>
    /// <exception cref="IOException">Gone or unreadable; <see cref="UnauthorizedAccessException"/> without the right to read.</exception>
    public static FileBytes Read(string path, FolderFence? fence = null)
    {
        using var handle = (fence ?? FolderFence.None).Open(path);
        return Read(handle);
    }

    public static FileBytes Read(SafeFileHandle handle)
    {
        var length = RandomAccess.GetLength(handle);
        if (length > ImageDecoder.MaxBytes)
            throw new ImageException($"is larger than {ImageDecoder.MaxBytes >> 20} MB") { TooLarge = true };
        var buffer = ArrayPool<byte>.Shared.Rent((int)length);
        var filled = 0;
        try
        {
            while (filled < length && RandomAccess.Read(handle, buffer.AsSpan(filled, (int)length - filled), filled) is > 0 and var read)
                filled += read;
            return new FileBytes(buffer, filled);
        }
        catch
        {
            ArrayPool<byte>.Shared.Return(buffer);
            throw;
        }
    }

    public void Dispose() => ArrayPool<byte>.Shared.Return(_buffer);
}

using System.Buffers;
using System.Runtime.InteropServices;

namespace Training.Core.Images;

/// <summary>
/// Bytes for a while, uninitialised. Large ones are the system's own memory and given back to it at once: the array pool would keep those
/// of one huge image for as long as the process lives.
/// </summary>
internal readonly unsafe struct ByteBuffer : IDisposable
{
    private const int LargestPooled = 16 << 20;
    private readonly byte[]? _pooled;
    private readonly void* _own;

    public ByteBuffer(int length)
    {
        Length = length;
        if (length <= LargestPooled) _pooled = ArrayPool<byte>.Shared.Rent(length);
        else _own = NativeMemory.Alloc((nuint)length);
    }

    public int Length { get; }

    public Span<byte> Span => _pooled is null ? new Span<byte>(_own, Length) : _pooled.AsSpan(0, Length);

    public void Dispose()
    {
        if (_pooled is null) NativeMemory.Free(_own);
        else ArrayPool<byte>.Shared.Return(_pooled);
    }
}

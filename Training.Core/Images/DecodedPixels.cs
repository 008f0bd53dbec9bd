using System.Buffers;

namespace Training.Core.Images;

/// <summary>
/// Rows of RGBA in a rented buffer. Of images that take much memory there is only one at a time, so that a scan on many cores stays
/// within bounds; so dispose it on the thread that made it.
/// </summary>
internal readonly ref struct DecodedPixels
{
    private const long HugePixels = 40_000_000;
    private static readonly object Huge = new();
    private readonly byte[] _buffer;

    public DecodedPixels(PixelSize size, int firstRow)
    {
        (Size, FirstRow) = (size, firstRow);
        if (IsHuge) Monitor.Enter(Huge);
        _buffer = ArrayPool<byte>.Shared.Rent(ByteCount);
    }

    public PixelSize Size { get; }

    /// <summary>Where the first row lies in the whole image.</summary>
    public int FirstRow { get; }

    public Span<byte> Rgba => _buffer.AsSpan(0, ByteCount);

    private int ByteCount => Size.Width * Size.Height * 4;

    private bool IsHuge => (long)Size.Width * Size.Height > HugePixels;

    /// <summary>Premultiplied colours over white.</summary>
    public void LayOverWhite()
    {
        var rgba = Rgba;
        for (var at = 0; at < rgba.Length; at += 4)
        {
            var white = (byte)(255 - rgba[at + 3]);
            rgba[at] += white;
            rgba[at + 1] += white;
            rgba[at + 2] += white;
        }
    }

    public void Dispose()
    {
        ArrayPool<byte>.Shared.Return(_buffer);
        if (IsHuge) Monitor.Exit(Huge);
    }
}

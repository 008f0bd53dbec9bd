using System.Buffers.Binary;

namespace Training.Core.Images;

/// <summary>
/// The marker segments of a JPEG, up to and with the start of its first scan.
/// By hand: Skia shows none of them, and another library would have to be as lenient as libjpeg is.
/// </summary>
internal ref struct JpegSegments(ReadOnlySpan<byte> file)
{
    public const byte App1 = 0xE1;
    public const byte ProgressiveFrame = 0xC2;
    public const byte StartOfScan = 0xDA;
    public const byte EndOfImage = 0xD9;

    private readonly ReadOnlySpan<byte> _file = file;
    private int _next = 2;

    public byte Marker { get; private set; }

    /// <summary>Where the marker's 0xFF lies.</summary>
    public int Offset { get; private set; }

    /// <summary>After marker and length; shorter than promised where the file ends.</summary>
    public ReadOnlySpan<byte> Content { get; private set; }

    public bool MoveNext()
    {
        while (Marker != StartOfScan && _next + 4 <= _file.Length)
        {
            // As libjpeg does: what isn't a marker is skipped, and a marker may begin with any number of 0xFF.
            var (first, marker) = (_file[_next], _file[_next + 1]);
            if (first != 0xFF || marker is 0xFF or 0)
            {
                _next++;
                continue;
            }
            if (marker is 0x01 or (>= 0xD0 and <= 0xD8))
            {
                _next += 2; // these have no content
                continue;
            }
            var length = BinaryPrimitives.ReadUInt16BigEndian(_file[(_next + 2)..]);
            if (marker == EndOfImage || length < 2) return false;
            (Marker, Offset) = (marker, _next);
            Content = _file[(_next + 4)..Math.Min(_file.Length, Math.Max(_next + 4, _next + 2 + length))];
            _next += 2 + length;
            return true;
        }
        return false;
    }
}

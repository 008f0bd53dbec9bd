using System.Buffers.Binary;
using SkiaSharp;

namespace Training.Core.Images;

/// <summary>
/// How a file says that it is to be turned: tag 0x0112 of its EXIF block, in JPEG (the first APP1 that has one), PNG (eXIf, before or after
/// the pixels) and WebP (EXIF). By hand: Skia's codec looks in fewer places and takes 16-bit numbers only.
/// </summary>
internal static class ExifOrientation
{
    private const ushort Tag = 0x0112;
    private const int EntryBytes = 12;

    /// <summary>1–8 as EXIF numbers them; 1, upright, where the file says nothing or nothing that makes sense.</summary>
    public static int Of(ReadOnlySpan<byte> file, SKEncodedImageFormat? format)
    {
        var block = format switch
        {
            SKEncodedImageFormat.Jpeg => InJpeg(file),
            SKEncodedImageFormat.Png => InPng(file),
            SKEncodedImageFormat.Webp => InWebp(file),
            _ => default,
        };
        // Some writers put JPEG's prefix before the blocks of the others too.
        while (block.StartsWith("Exif\0\0"u8)) block = block[6..];
        return InTiff(block) is >= 1 and <= 8 and var orientation ? (int)orientation : 1;
    }

    private static ReadOnlySpan<byte> InJpeg(ReadOnlySpan<byte> file)
    {
        var segments = new JpegSegments(file);
        while (segments.MoveNext())
            if (segments.Marker == JpegSegments.App1 && segments.Content.StartsWith("Exif\0\0"u8)) return segments.Content;
        return default;
    }

    private static ReadOnlySpan<byte> InPng(ReadOnlySpan<byte> file)
    {
        for (long at = 8; at + 8 <= file.Length;)
        {
            var length = BinaryPrimitives.ReadUInt32BigEndian(file[(int)at..]);
            var name = file.Slice((int)at + 4, 4);
            if (name.SequenceEqual("eXIf"u8)) return file[((int)at + 8)..(int)Math.Min(file.Length, at + 8 + length)];
            if (name.SequenceEqual("IEND"u8)) break;
            at += 12L + length;
        }
        return default;
    }

    private static ReadOnlySpan<byte> InWebp(ReadOnlySpan<byte> file)
    {
        const byte hasExif = 8;
        for (long at = 12; at + 8 <= file.Length;)
        {
            var name = file.Slice((int)at, 4);
            var length = BinaryPrimitives.ReadUInt32LittleEndian(file[((int)at + 4)..]);
            var content = file[((int)at + 8)..(int)Math.Min(file.Length, at + 8 + length)];
            // Only the extended header, the first chunk, can say that there is such a block; libwebp believes nothing else.
            if (at == 12 && !(name.SequenceEqual("VP8X"u8) && content.Length > 0 && (content[0] & hasExif) != 0)) break;
            if (name.SequenceEqual("EXIF"u8)) return content;
            at += 8L + length + (length & 1);
        }
        return default;
    }

    private static uint? InTiff(ReadOnlySpan<byte> block)
    {
        if (block.Length < 8) return null;
        var isBig = block.StartsWith("MM\0*"u8);
        if (!isBig && !block.StartsWith("II*\0"u8)) return null;
        var directory = Long(block[4..], isBig);
        if (directory + 2L > block.Length) return null;
        var entries = block[((int)directory + 2)..];
        for (int left = Short(block[(int)directory..], isBig); left > 0 && entries.Length >= EntryBytes; left--,
            entries = entries[EntryBytes..])
        {
            if (Short(entries, isBig) != Tag) continue;
            var count = Long(entries[4..], isBig);
            return Short(entries[2..], isBig) switch
            {
                3 or 8 when count is 1 or 2 => Short(entries[8..], isBig), // SHORT, as the standard has it, also signed
                4 or 9 when count == 1 => Long(entries[8..], isBig), // LONG, as some programs write it
                _ => null,
            };
        }
        return null;
    }

    private static ushort Short(ReadOnlySpan<byte> at, bool isBig) =>
        isBig ? BinaryPrimitives.ReadUInt16BigEndian(at) : BinaryPrimitives.ReadUInt16LittleEndian(at);

    private static uint Long(ReadOnlySpan<byte> at, bool isBig) =>
        isBig ? BinaryPrimitives.ReadUInt32BigEndian(at) : BinaryPrimitives.ReadUInt32LittleEndian(at);
}

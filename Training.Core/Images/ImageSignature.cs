using System.Buffers.Binary;
using System.Text;
using SkiaSharp;

namespace Training.Core.Images;

/// <summary>
/// What a file is by its first bytes: names lie, contents don't.
/// By hand: Skia says of what it can't read only that, and people want to know what they have there instead.
/// </summary>
internal static class ImageSignature
{
    /// <summary>So many first bytes are enough to tell.</summary>
    public const int Length = 64;

    /// <summary>The format that <see cref="ImageDecoder"/> reads, or null.</summary>
    public static SKEncodedImageFormat? Of(ReadOnlySpan<byte> head) =>
        head.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xD8, 0xFF]) ? SKEncodedImageFormat.Jpeg
        : IsPng(head) ? SKEncodedImageFormat.Png
        : IsRiff(head, "WEBP"u8) ? SKEncodedImageFormat.Webp
        : head.StartsWith("BM"u8) && head.Length > 25 && head[6..10].IndexOfAnyExcept((byte)0) < 0 ? SKEncodedImageFormat.Bmp
        : null;

    /// <summary>Why a file that isn't one of them can't be used, as the end of a sentence that starts with its name.</summary>
    public static string Refusal(ReadOnlySpan<byte> head) =>
        head.IsEmpty ? "is empty (0 bytes)"
        : NameOther(head) is { } other ? $"is {other}, not a JPEG, PNG, BMP or WebP image"
        : "is not a JPEG, PNG, BMP or WebP image";

    /// <summary>Whether it is a JPEG that can only be decoded with all of it in memory.</summary>
    public static bool IsProgressiveJpeg(ReadOnlySpan<byte> file, out int firstScan)
    {
        firstScan = file.Length;
        if (Of(file) != SKEncodedImageFormat.Jpeg) return false;
        var isProgressive = false;
        var segments = new JpegSegments(file);
        while (segments.MoveNext())
        {
            isProgressive |= segments.Marker == JpegSegments.ProgressiveFrame;
            if (segments.Marker == JpegSegments.StartOfScan) firstScan = segments.Offset;
        }
        return isProgressive;
    }

    /// <summary>Whether it is a PNG that can only be decoded with all of it in memory twice.</summary>
    public static bool IsInterlacedPng(ReadOnlySpan<byte> file) => IsPng(file) && file.Length > 28 && file[28] != 0;

    /// <summary>
    /// False for a BMP of 32 bits a pixel whose header gives the last eight no meaning: many programs leave anything there, which Skia
    /// takes for alpha and nobody else does.
    /// </summary>
    public static bool HasAlpha(ReadOnlySpan<byte> file)
    {
        const int longHeader = 56; // has a mask for alpha
        if (Of(file) != SKEncodedImageFormat.Bmp) return true;
        if (file.Length < 70 || BinaryPrimitives.ReadUInt32LittleEndian(file[14..]) < longHeader) return false;
        return BinaryPrimitives.ReadUInt32LittleEndian(file[30..]) is 3 or 6 && BinaryPrimitives.ReadUInt32LittleEndian(file[66..]) != 0;
    }

    /// <summary>
    /// A progressive JPEG decodes at any length, only blurrier, so the decoder doesn't notice a missing end: its end marker has to be
    /// there. (Inside coded data 0xFF is always followed by 0 or a restart marker, so the marker can't occur by chance.)
    /// </summary>
    public static bool IsCutProgressiveJpeg(ReadOnlySpan<byte> file) => IsProgressiveJpeg(file, out var firstScan)
        && file[firstScan..].IndexOf((ReadOnlySpan<byte>)[0xFF, JpegSegments.EndOfImage]) < 0;

    /// <summary>"a GIF image", "a text file": what an unusable file is instead, or null.</summary>
    private static string? NameOther(ReadOnlySpan<byte> head) =>
        head.StartsWith("GIF8"u8) ? "a GIF image"
        : head.StartsWith("II*\0"u8) || head.StartsWith("MM\0*"u8) ? "a TIFF image"
        : Brand(head) is { } brand ? brand
        : head.StartsWith("8BPS"u8) ? "a Photoshop file"
        : head.StartsWith("%PDF"u8) ? "a PDF document"
        : head.StartsWith("PK\u0003\u0004"u8) ? "a zip archive"
        : IsText(head) ? NameText(head)
        : null;

    private static bool IsPng(ReadOnlySpan<byte> head) =>
        head.StartsWith((ReadOnlySpan<byte>)[0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A]);

    private static bool IsRiff(ReadOnlySpan<byte> head, ReadOnlySpan<byte> kind) =>
        head.StartsWith("RIFF"u8) && head.Length >= 12 && head[8..12].SequenceEqual(kind);

    /// <summary>Formats that share the ISO container: bytes 4–7 say "ftyp", the next four which.</summary>
    private static string? Brand(ReadOnlySpan<byte> head)
    {
        if (head.Length < 12 || !head[4..8].SequenceEqual("ftyp"u8)) return null;
        var brand = head[8..12];
        return brand.SequenceEqual("avif"u8) || brand.SequenceEqual("avis"u8) ? "an AVIF image"
            : brand.StartsWith("he"u8) || brand.SequenceEqual("mif1"u8) ? "a HEIC image"
            : "a video";
    }

    private static bool IsText(ReadOnlySpan<byte> head)
    {
        foreach (var value in head)
            if (value < 32 && value is not ((byte)'\t' or (byte)'\n' or (byte)'\r' or 0x0C)) return false;
        // The last character may be cut by the end of the head; three bytes of grace.
        return head.Length > 0
            && (Ascii.IsValid(head) || System.Text.Unicode.Utf8.IsValid(head[..^Math.Min(3, head.Length - 1)])
                || System.Text.Unicode.Utf8.IsValid(head));
    }

    private static string NameText(ReadOnlySpan<byte> head)
    {
        var text = Encoding.UTF8.GetString(head).TrimStart('\uFEFF', ' ', '\r', '\n', '\t');
        return text.StartsWith("<!doctype html", StringComparison.OrdinalIgnoreCase)
            || text.StartsWith("<html", StringComparison.OrdinalIgnoreCase) ? "a web page"
            : text.Contains("<svg", StringComparison.OrdinalIgnoreCase) ? "an SVG drawing"
            : "a text file";
    }
}

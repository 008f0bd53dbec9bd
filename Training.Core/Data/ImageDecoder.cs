using Training.Core.Runs;

namespace Training.Core.Data;

/// <summary>JPEG, PNG, BMP and WebP to upright RGB, by SkiaSharp with scaled decoding. Thread-safe.</summary>
public static class ImageDecoder
{
    /// <summary>More pixels than this are refused before anything is allocated.</summary>
    public const long MaxPixels = 200_000_000;

    /// <summary>Extensions that are taken for images, lower case, with the dot.</summary>
    public static IReadOnlySet<string> Extensions { get; } =
        new HashSet<string>(StringComparer.OrdinalIgnoreCase) { ".jpg", ".jpeg", ".png", ".bmp", ".webp" };

    /// <summary>Decodes fully and says what it found; the check of a scan.</summary>
    /// <exception cref="ImageException">Not an image, another format, truncated, too large; the message is for people and has no path.</exception>
    public static ImageInfo Check(ReadOnlySpan<byte> file) => throw new NotImplementedException();

    /// <summary>Upright RGB bytes, rows first (height, width, 3), of a <paramref name="size"/> square; alpha over white; antialiased.</summary>
    /// <param name="crop">Part of the upright image, as fractions, that is squeezed to the square; null: by <paramref name="resize"/>.</param>
    /// <param name="rgb">size * size * 3 bytes.</param>
    public static void DecodeSquare(string path, int size, ResizeKind resize, CropBox? crop, Span<byte> rgb) =>
        throw new NotImplementedException();

    /// <summary>An upright JPEG with its longer side at most <paramref name="longSide"/> pixels (never enlarged): thumbnails and views.</summary>
    public static byte[] EncodeJpeg(ReadOnlySpan<byte> file, int longSide, int quality = 82) => throw new NotImplementedException();
}

/// <summary>Fractions of width and height, 0–1.</summary>
public readonly record struct CropBox(double Left, double Top, double Width, double Height);

public sealed record ImageInfo(int Width, int Height, string Format);

/// <summary>An image that can't be used; the message says why.</summary>
public sealed class ImageException(string message) : Exception(message);

using System.Buffers;
using SkiaSharp;
using Training.Core.Recipes;

namespace Training.Core.Images;

/// <summary>
/// JPEG, PNG, BMP and WebP to upright RGB, by SkiaSharp with scaled decoding. Thread-safe. The content decides the format, not the
/// name; embedded colour profiles are not applied (as with PIL).
/// </summary>
public static class ImageDecoder
{
    /// <summary>More pixels than this are refused before anything is allocated.</summary>
    public const long MaxPixels = 200_000_000;

    /// <summary>Larger files are refused before they are read.</summary>
    public const long MaxBytes = 1L << 29;

    /// <summary>Extensions that are taken for images, lower case, with the dot.</summary>
    public static IReadOnlySet<string> Extensions { get; } =
        new HashSet<string>(StringComparer.OrdinalIgnoreCase) { ".jpg", ".jpeg", ".png", ".bmp", ".webp" };

    /// <summary>Decodes fully and says what it found; the check of a scan.</summary>
    /// <exception cref="ImageException">Not an image, another format, truncated, too large; the message is for people and has no
    /// path.</exception>
    /// <exception cref="OperationCanceledException">By <paramref name="cancellationToken"/>, while other images take all memory that
    /// decoding may.</exception>
    public static unsafe ImageInfo Check(ReadOnlySpan<byte> file, CancellationToken cancellationToken = default)
    {
        fixed (byte* first = file)
        {
            using var image = new EncodedImage(first, file.Length, cancellationToken);
            var (isBlank, isTransparent) = image.DecodeAll();
            return new ImageInfo(image.Upright.Width, image.Upright.Height, image.Format) { IsBlank = isBlank,
                IsTransparent = isTransparent };
        }
    }

    /// <inheritdoc cref="DecodeSquare(ReadOnlySpan{byte}, int, ResizeKind, CropBox?, bool, Span{byte}, CancellationToken)"/>
    /// <exception cref="IOException">The file is gone or can't be read.</exception>
    public static void DecodeSquare(
        string path, int size, ResizeKind resize, CropBox? crop, Span<byte> rgb, FolderFence? fence = null, bool isFull = false,
        CancellationToken cancellationToken = default)
    {
        using var file = FileBytes.Read(path, fence, cancellationToken);
        DecodeSquare(file.Span, size, resize, crop, isFull, rgb, cancellationToken);
    }

    /// <summary>
    /// Upright RGB bytes, rows first (height, width, 3), of a <paramref name="size"/> square; alpha over white; antialiased.
    /// </summary>
    /// <param name="crop">Part of the upright image, as fractions, that is squeezed to the square; null: by
    /// <paramref name="resize"/>.</param>
    /// <param name="isFull">Whether JPEGs are decoded in full before they are resized, see <see cref="Recipe.FullDecode"/>.</param>
    /// <param name="rgb">size * size * 3 bytes.</param>
    /// <exception cref="ImageException">As with <see cref="Check"/>.</exception>
    /// <exception cref="OperationCanceledException">As with <see cref="Check"/>.</exception>
    public static unsafe void DecodeSquare(
        ReadOnlySpan<byte> file, int size, ResizeKind resize, CropBox? crop, bool isFull, Span<byte> rgb,
        CancellationToken cancellationToken = default)
    {
        var square = ArrayPool<byte>.Shared.Rent(size * size * 4);
        try
        {
            fixed (byte* first = file)
            {
                using var image = new EncodedImage(first, file.Length, cancellationToken);
                var orientation = image.Orientation;
                var target = new PixelSize(size, size);
                var part = orientation.ToFile(crop ?? Part(resize, image.Upright, size));
                image.Draw(part, target, isFull ? DecodeScale.Full : DecodeScale.Model, square);
                orientation.CopyUpright(square, target, rgb, channels: 3);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(square);
        }
    }

    /// <inheritdoc cref="EncodeJpeg(ReadOnlySpan{byte}, int, int, CancellationToken)"/>
    /// <param name="sha256">What the file held when it was scanned, lower-case hex; empty: anything.</param>
    /// <exception cref="ImageException">Also when the file holds something else now (<see cref="ImageException.HasChanged"/>).</exception>
    /// <exception cref="IOException">The file is gone or can't be read.</exception>
    public static byte[] EncodeJpeg(string path, string sha256, int longSide, FolderFence? fence, CancellationToken cancellationToken)
    {
        using var file = FileBytes.Read(path, fence, cancellationToken);
        if (sha256.Length > 0 && file.Sha256 != sha256) throw new ImageException("has changed since it was scanned") { HasChanged = true };
        return EncodeJpeg(file.Span, longSide, cancellationToken: cancellationToken);
    }

    /// <summary>
    /// An upright JPEG with its longer side at most <paramref name="longSide"/> pixels (never enlarged): thumbnails and views.
    /// </summary>
    /// <exception cref="ImageException">As with <see cref="Check"/>.</exception>
    /// <exception cref="OperationCanceledException">As with <see cref="Check"/>.</exception>
    public static unsafe byte[] EncodeJpeg(
        ReadOnlySpan<byte> file, int longSide, int quality = 82, CancellationToken cancellationToken = default)
    {
        fixed (byte* first = file)
        {
            using var image = new EncodedImage(first, file.Length, cancellationToken);
            var size = Fit(image.Upright, longSide);
            var turned = image.Orientation.Turn(size);
            using var pixels = new ByteBuffer(size.Width * size.Height * 4);
            using var upright = new ByteBuffer(pixels.Length);
            image.Draw(new CropBox(0, 0, 1, 1), turned, DecodeScale.View, pixels.Span);
            image.Orientation.CopyUpright(pixels.Span, turned, upright.Span, channels: 4);
            return Encode(upright.Span, size, quality);
        }
    }

    /// <summary>
    /// The centre cut lies on whole pixels of the resized image, to the pixel where torchvision's Resize and CenterCrop put it.
    /// </summary>
    private static CropBox Part(ResizeKind resize, PixelSize upright, int size)
    {
        if (resize == ResizeKind.Squash) return new CropBox(0, 0, 1, 1);
        var shorter = Math.Min(upright.Width, upright.Height);
        double width = (long)size * upright.Width / shorter;
        double height = (long)size * upright.Height / shorter;
        return new CropBox(
            Math.Round((width - size) / 2) / width, Math.Round((height - size) / 2) / height, size / width, size / height);
    }

    private static PixelSize Fit(PixelSize size, int longSide)
    {
        var scale = Math.Min(1, (double)longSide / Math.Max(size.Width, size.Height));
        return new PixelSize(
            Math.Max(1, (int)Math.Round(size.Width * scale)), Math.Max(1, (int)Math.Round(size.Height * scale)));
    }

    private static unsafe byte[] Encode(ReadOnlySpan<byte> rgba, PixelSize size, int quality)
    {
        fixed (byte* first = rgba)
        {
            var info = new SKImageInfo(size.Width, size.Height, SKColorType.Rgba8888, SKAlphaType.Opaque);
            using var pixmap = new SKPixmap(info, (nint)first);
            using var data = pixmap.Encode(SKEncodedImageFormat.Jpeg, quality)
                ?? throw new ImageException("can't be written as a JPEG");
            return data.ToArray();
        }
    }
}

/// <summary>Fractions of width and height, 0–1.</summary>
public readonly record struct CropBox(double Left, double Top, double Width, double Height);

/// <param name="Width">Pixels of the upright image.</param>
/// <param name="Height">Pixels of the upright image.</param>
/// <param name="Format">"JPEG", "PNG", "BMP" or "WebP", by content.</param>
public sealed record ImageInfo(int Width, int Height, string Format)
{
    /// <summary>Every pixel has the same colour.</summary>
    public bool IsBlank { get; init; }

    /// <summary>Every pixel is transparent, so its colours are used as if none were.</summary>
    public bool IsTransparent { get; init; }
}

/// <summary>An image that can't be used; the message says why, as the end of a sentence that starts with the file's name.</summary>
public sealed class ImageException(string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>Nothing wrong with it but its size.</summary>
    public bool TooLarge { get; init; }

    /// <summary>Nothing wrong with it but that it isn't the one that is meant.</summary>
    public bool HasChanged { get; init; }
}

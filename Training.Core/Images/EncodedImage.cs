using System.Globalization;
using SkiaSharp;

namespace Training.Core.Images;

/// <summary>An image file in memory with its header read; decodes no more of it than what is asked for.</summary>
internal sealed unsafe class EncodedImage : IDisposable
{
    private readonly SKData _data;
    private readonly SKCodec _codec;
    private readonly PixelSize _size;

    /// <param name="file">Its first byte; stays pinned until <see cref="Dispose"/>.</param>
    /// <exception cref="ImageException">Not a supported image, or too large.</exception>
    public EncodedImage(byte* file, int length)
    {
        var head = new ReadOnlySpan<byte>(file, Math.Min(length, ImageSignature.Length));
        if (ImageSignature.Of(head) is null) throw new ImageException(ImageSignature.Refusal(head));
        if (ImageSignature.IsCutProgressiveJpeg(new ReadOnlySpan<byte>(file, length))) throw Failure(SKCodecResult.IncompleteInput);
        _data = SKData.Create((nint)file, length);
        var codec = SKCodec.Create(new SKMemoryStream(_data), out var result);
        if (codec is null)
        {
            _data.Dispose();
            throw Failure(result);
        }
        _codec = codec;
        _size = new PixelSize(codec.Info.Width, codec.Info.Height);
        if ((long)_size.Width * _size.Height <= ImageDecoder.MaxPixels) return;
        Dispose();
        throw new ImageException(string.Create(CultureInfo.InvariantCulture,
            $"has {_size.Width} × {_size.Height} pixels, more than the {ImageDecoder.MaxPixels / 1_000_000} million that are read")) { TooLarge = true };
    }

    public ImageOrientation Orientation => ImageOrientation.Of(_codec.EncodedOrigin);

    public PixelSize Upright => Orientation.Turn(_size);

    public string Format => _codec.EncodedFormat switch
    {
        SKEncodedImageFormat.Jpeg => "JPEG",
        SKEncodedImageFormat.Png => "PNG",
        SKEncodedImageFormat.Bmp => "BMP",
        _ => "WebP",
    };

    /// <summary>Reads every bit of the file, at the smallest scale that the format decodes to (a JPEG saves the inverse transform).</summary>
    public void DecodeAll()
    {
        var scaled = ScaledSize(0, out _);
        using var pixels = Decode(scaled, 0, scaled.Height);
    }

    /// <summary>Squeezes a part of the file's pixels (as they lie there, not turned) to <paramref name="target"/>; RGBA over white.</summary>
    public void Draw(CropBox part, PixelSize target, Span<byte> rgba)
    {
        var (width, height) = (part.Width * _size.Width, part.Height * _size.Height);
        var scaled = ScaledSize(Math.Max(target.Width / width, target.Height / height), out var scale);
        var box = new PixelBox(
            part.Left * _size.Width * scale, part.Top * _size.Height * scale,
            Math.Min((part.Left * _size.Width + width) * scale, scaled.Width),
            Math.Min((part.Top * _size.Height + height) * scale, scaled.Height));
        var reach = Math.Max(1, (box.Bottom - box.Top) / target.Height);
        var begin = Math.Max(0, (int)(box.Top - reach) - 1);
        var end = Math.Min(scaled.Height, (int)(box.Bottom + reach) + 2);
        using var pixels = Decode(scaled, begin, end);
        Resampler.Resize(
            pixels.Rgba, pixels.Size, box with { Top = box.Top - pixels.FirstRow, Bottom = box.Bottom - pixels.FirstRow }, rgba, target);
    }

    public void Dispose()
    {
        _codec.Dispose();
        _data.Dispose();
    }

    /// <summary>The smallest size of whole eighths that the format decodes to and that is not below <paramref name="needed"/>.</summary>
    private PixelSize ScaledSize(double needed, out double scale)
    {
        for (var eighths = 1; eighths < 8; eighths++)
        {
            scale = eighths / 8.0;
            if (scale < needed) continue;
            var size = _codec.GetScaledDimensions((float)scale);
            // Formats without scaling answer with the full size; rounding up to whole pixels is not a larger scale.
            if (size.Width < _size.Width || size.Height < _size.Height) return new PixelSize(size.Width, size.Height);
        }
        scale = 1;
        return _size;
    }

    private DecodedPixels Decode(PixelSize scaled, int begin, int end)
    {
        var opaque = _codec.Info.AlphaType == SKAlphaType.Opaque;
        var info = new SKImageInfo(
            scaled.Width, scaled.Height, SKColorType.Rgba8888, opaque ? SKAlphaType.Opaque : SKAlphaType.Premul);
        // Only JPEG gives rows on demand; skipped rows save the inverse transform, rows below the last one everything.
        var byRows = _codec.EncodedFormat == SKEncodedImageFormat.Jpeg && end - begin < scaled.Height;
        if (!byRows) (begin, end) = (0, scaled.Height);
        var pixels = new DecodedPixels(scaled with { Height = end - begin }, begin);
        try
        {
            fixed (byte* first = pixels.Rgba)
            {
                if (byRows) DecodeRows(info, (nint)first, begin, end);
                else Require(_codec.GetPixels(info, (nint)first));
            }
            if (!opaque) pixels.LayOverWhite();
            return pixels;
        }
        catch
        {
            pixels.Dispose();
            throw;
        }
    }

    private void DecodeRows(SKImageInfo info, nint pixels, int begin, int end)
    {
        Require(_codec.StartScanlineDecode(info));
        if (begin > 0 && !_codec.SkipScanlines(begin)) throw Failure(SKCodecResult.IncompleteInput);
        if (_codec.GetScanlines(pixels, end - begin, info.RowBytes) < end - begin) throw Failure(SKCodecResult.IncompleteInput);
    }

    private static void Require(SKCodecResult result)
    {
        if (result != SKCodecResult.Success) throw Failure(result);
    }

    private static ImageException Failure(SKCodecResult result) => new(result == SKCodecResult.IncompleteInput
        ? "is cut off (the file ends before the image does)"
        : "is damaged (its image data can't be decoded)");
}

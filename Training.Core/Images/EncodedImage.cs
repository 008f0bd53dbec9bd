using System.Globalization;
using SkiaSharp;

namespace Training.Core.Images;

/// <summary>An image file in memory with its header read; decodes no more of it than what is asked for.</summary>
internal sealed unsafe class EncodedImage : IDisposable
{
    private readonly byte* _file;
    private readonly int _length;
    private readonly CancellationToken _cancellationToken;
    private readonly SKData _data;
    private readonly SKCodec _codec;
    private readonly PixelSize _size;

    /// <param name="file">Its first byte; stays pinned until <see cref="Dispose"/>.</param>
    /// <param name="cancellationToken">Ends waiting for the budget of the process.</param>
    /// <exception cref="ImageException">Not a supported image, or too large.</exception>
    public EncodedImage(byte* file, int length, CancellationToken cancellationToken)
    {
        _file = file;
        (_length, _cancellationToken) = (length, cancellationToken);
        var head = File[..Math.Min(length, ImageSignature.Length)];
        if (ImageSignature.Of(head) is null) throw new ImageException(ImageSignature.Refusal(head));
        if (ImageSignature.IsCutProgressiveJpeg(File)) throw Failure(SKCodecResult.IncompleteInput);
        _data = SKData.Create((nint)file, length);
        var codec = SKCodec.Create(new SKMemoryStream(_data), out var result);
        if (codec is null)
        {
            _data.Dispose();
            throw Failure(result);
        }
        _codec = codec;
        _size = new PixelSize(codec.Info.Width, codec.Info.Height);
        Orientation = ImageOrientation.Of(ExifOrientation.Of(File, codec.EncodedFormat));
        if (_size.Pixels <= ImageDecoder.MaxPixels) return;
        Dispose();
        throw new ImageException(string.Create(CultureInfo.InvariantCulture,
            $"has {_size.Width} × {_size.Height} pixels, more than the {ImageDecoder.MaxPixels / 1_000_000} million that are read"))
        {
            TooLarge = true,
        };
    }

    public ImageOrientation Orientation { get; }

    public PixelSize Upright => Orientation.Turn(_size);

    public string Format => _codec.EncodedFormat switch
    {
        SKEncodedImageFormat.Jpeg => "JPEG",
        SKEncodedImageFormat.Png => "PNG",
        SKEncodedImageFormat.Bmp => "BMP",
        _ => "WebP",
    };

    private ReadOnlySpan<byte> File => new(_file, _length);

    /// <summary>
    /// Reads every bit of the file, at the smallest scale that the format decodes to (a JPEG saves the inverse transform).
    /// </summary>
    public (bool IsBlank, bool IsTransparent) DecodeAll()
    {
        var (isBlank, isTransparent) = Look(ScaledSize(0, DecodeScale.View, out var scale));
        // What is finer than the scale can look even.
        return isBlank && scale < 1 ? Look(_size) : (isBlank, isTransparent);
    }

    /// <summary>
    /// Squeezes a part of the file's pixels (as they lie there, not turned) to <paramref name="target"/>; RGBA over white.
    /// </summary>
    public void Draw(CropBox part, PixelSize target, DecodeScale how, Span<byte> rgba)
    {
        var (width, height) = (part.Width * _size.Width, part.Height * _size.Height);
        var scaled = ScaledSize(Math.Max(target.Width / width, target.Height / height), how, out var scale);
        var box = new PixelBox(
            part.Left * _size.Width * scale, part.Top * _size.Height * scale,
            Math.Min((part.Left * _size.Width + width) * scale, scaled.Width),
            Math.Min((part.Top * _size.Height + height) * scale, scaled.Height));
        var reach = Math.Max(1, (box.Bottom - box.Top) / target.Height);
        var begin = Math.Max(0, (int)(box.Top - reach) - 1);
        var end = Math.Min(scaled.Height, (int)(box.Bottom + reach) + 2);
        using var pixels = Decode(scaled, begin, end, Resampler.BytesBetween(end - begin, target), out _);
        Resampler.Resize(
            pixels.Rgba, pixels.Size, box with { Top = box.Top - pixels.FirstRow, Bottom = box.Bottom - pixels.FirstRow }, rgba, target);
    }

    public void Dispose()
    {
        _codec.Dispose();
        _data.Dispose();
    }

    private (bool IsBlank, bool IsTransparent) Look(PixelSize scaled)
    {
        using var pixels = Decode(scaled, 0, scaled.Height, 0, out var isTransparent);
        return (pixels.IsOneColour, isTransparent);
    }

    /// <summary>The smallest size that the format decodes to and that is not below <paramref name="needed"/>.</summary>
    private PixelSize ScaledSize(double needed, DecodeScale how, out double scale)
    {
        // A half, a quarter and an eighth are all that Pillow's draft mode knows, which the programs beside a model look at photos with;
        // of other formats it knows none.
        if (_codec.EncodedFormat == SKEncodedImageFormat.Jpeg ? how != DecodeScale.Full : how == DecodeScale.View)
        {
            foreach (var part in (ReadOnlySpan<double>)[0.125, 0.25, 0.5])
            {
                if (part < needed * (1 - 1e-9)) continue;
                scale = part;
                var size = _codec.GetScaledDimensions((float)scale);
                // Formats without scaling answer with the full size; rounding up to whole pixels is not a larger scale.
                if (size.Width < _size.Width || size.Height < _size.Height) return new PixelSize(size.Width, size.Height);
            }
        }
        scale = 1;
        return _size;
    }

    private DecodedPixels Decode(PixelSize scaled, int begin, int end, long besides, out bool isTransparent)
    {
        var opaque = _codec.Info.AlphaType == SKAlphaType.Opaque;
        var info = new SKImageInfo(
            scaled.Width, scaled.Height, SKColorType.Rgba8888, opaque ? SKAlphaType.Opaque : SKAlphaType.Unpremul);
        // Only JPEG gives rows on demand; skipped rows save the inverse transform, rows below the last one everything.
        var byRows = _codec.EncodedFormat == SKEncodedImageFormat.Jpeg && end - begin < scaled.Height;
        if (!byRows) (begin, end) = (0, scaled.Height);
        var pixels = new DecodedPixels(scaled with { Height = end - begin }, begin, besides + DecodersOwn, _cancellationToken);
        try
        {
            fixed (byte* first = pixels.Rgba)
            {
                if (byRows) DecodeRows(info, (nint)first, begin, end);
                else Require(_codec.GetPixels(info, (nint)first));
            }
            isTransparent = !opaque && ImageSignature.HasAlpha(File) && pixels.LayOverWhite();
            return pixels;
        }
        catch
        {
            pixels.Dispose();
            throw;
        }
    }

    /// <summary>Bytes that a decoder keeps besides the pixels that it gives: all coefficients, or the image once more; at most.</summary>
    private long DecodersOwn => _codec.EncodedFormat switch
    {
        SKEncodedImageFormat.Jpeg => ImageSignature.IsProgressiveJpeg(File, out _) ? _size.Pixels * 6 : 0,
        SKEncodedImageFormat.Webp => _size.Pixels * 4,
        SKEncodedImageFormat.Png => ImageSignature.IsInterlacedPng(File) ? _size.Pixels * 8 : 0,
        _ => 0,
    };

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

/// <summary>At which size an image is decoded before it is resized.</summary>
internal enum DecodeScale
{
    /// <summary>JPEGs at a half, a quarter or an eighth where that isn't smaller than what is wanted, others in full.</summary>
    Model,

    /// <summary>Every pixel.</summary>
    Full,

    /// <summary>The smallest size that isn't smaller than what is wanted: to be looked at.</summary>
    View,
}

using SkiaSharp;

namespace Training.Tests.Backbones;

/// <summary>
/// 224-pixel RGB images, rows first. Decoded here and not by the product's decoder, so that a test says which of the two is wrong.
/// </summary>
internal static class NetworkInputs
{
    /// <summary>Coloured waves: the same on every machine, with energy at every scale.</summary>
    public static byte[] Waves(int size = OnnxReference.Size)
    {
        var rgb = new byte[size * size * 3];
        for (var y = 0; y < size; y++)
            for (var x = 0; x < size; x++)
                for (var channel = 0; channel < 3; channel++)
                {
                    var phase = x * (0.05 + 0.04 * channel) + Math.Sin(y * 0.11 * (channel + 1)) * 4;
                    rgb[(y * size + x) * 3 + channel] = (byte)(127.5 + 90 * Math.Sin(phase) + 37 * Math.Cos(x * y * 0.002));
                }
        return rgb;
    }

    public static byte[] Photo(string path)
    {
        using var decoded = SKBitmap.Decode(path) ?? throw new InvalidDataException(path);
        using var square = decoded.Resize(
            new SKImageInfo(OnnxReference.Size, OnnxReference.Size, SKColorType.Rgba8888, SKAlphaType.Opaque),
            new SKSamplingOptions(SKFilterMode.Linear));
        var rgba = square.GetPixelSpan();
        var rgb = new byte[rgba.Length / 4 * 3];
        for (var pixel = 0; pixel < rgba.Length / 4; pixel++)
            rgba.Slice(pixel * 4, 3).CopyTo(rgb.AsSpan(pixel * 3, 3));
        return rgb;
    }
}

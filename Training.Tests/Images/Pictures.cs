using SkiaSharp;

namespace Training.Tests.Images;

/// <summary>Pictures drawn from formulas, and their files.</summary>
internal static class Pictures
{
    /// <summary>Soft waves with fine grain, like a photo; Reference/resize.py draws the same.</summary>
    public static SKBitmap Scene(int width, int height) =>
        Draw(width, height, (x, y) => new SKColor(Wave(x, y, 0), Wave(x, y, 1), Wave(x, y, 2)));

    public static SKBitmap Draw(int width, int height, Func<int, int, SKColor> colour, SKAlphaType alpha = SKAlphaType.Opaque)
    {
        var bitmap = new SKBitmap(new SKImageInfo(width, height, SKColorType.Rgba8888, alpha));
        var pixels = new SKColor[width * height];
        for (var at = 0; at < pixels.Length; at++) pixels[at] = colour(at % width, at / width);
        bitmap.Pixels = pixels;
        return bitmap;
    }

    public static byte[] Encode(this SKBitmap bitmap, SKEncodedImageFormat format)
    {
        using (bitmap)
        using (var data = bitmap.Encode(format, 90))
            return data.ToArray();
    }

    /// <summary>A small file whose bytes differ by <paramref name="number"/>.</summary>
    public static byte[] Small(int number, SKEncodedImageFormat format = SKEncodedImageFormat.Png, int width = 12, int height = 8) =>
        Draw(width, height, (x, y) => new SKColor((byte)(x * 20), (byte)(y * 30), (byte)number, 255))
            .Encode(format) is var file && number >= 256 ? [.. file, (byte)(number >> 8)] : file;

    /// <summary>A PNG whose header promises any size, with hardly any data.</summary>
    public static byte[] PngOfSize(int width, int height)
    {
        var file = Small(1);
        var header = new byte[17];
        "IHDR"u8.CopyTo(header);
        System.Buffers.Binary.BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4), width);
        System.Buffers.Binary.BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(8), height);
        (header[12], header[13]) = (8, 2);
        header.CopyTo(file, 12);
        System.Buffers.Binary.BinaryPrimitives.WriteUInt32BigEndian(file.AsSpan(29), System.IO.Hashing.Crc32.HashToUInt32(header));
        return file;
    }

    /// <summary>A chunk of a PNG.</summary>
    public static void WriteChunk(Stream file, string name, byte[] content)
    {
        byte[] whole = [.. System.Text.Encoding.ASCII.GetBytes(name), .. content];
        Span<byte> number = stackalloc byte[4];
        System.Buffers.Binary.BinaryPrimitives.WriteInt32BigEndian(number, content.Length);
        file.Write(number);
        file.Write(whole);
        System.Buffers.Binary.BinaryPrimitives.WriteUInt32BigEndian(number, System.IO.Hashing.Crc32.HashToUInt32(whole));
        file.Write(number);
    }

    private static byte Wave(int x, int y, int channel) =>
        (byte)(127.5 + 60 * Math.Sin(x * (0.031 + 0.02 * channel)) + 40 * Math.Cos(y * 0.047 + channel)
            + (x * 31 + y * 17 + channel * 7) % 23 - 11);
}

using System.Buffers.Binary;
using System.IO.Compression;

namespace Training.Tests.Images;

/// <summary>Pictures of few bytes and many pixels.</summary>
internal static class HugePictures
{
    /// <summary>A whole PNG of one bit a pixel: 14,000 pixels square are 196 million in 24 kB.</summary>
    public static byte[] Png(int side)
    {
        using var file = new MemoryStream();
        file.Write([0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A]);
        var header = new byte[13];
        BinaryPrimitives.WriteInt32BigEndian(header, side);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4), side);
        header[8] = 1;
        Pictures.WriteChunk(file, "IHDR", header);
        using var pixels = new MemoryStream();
        using (var packed = new ZLibStream(pixels, CompressionLevel.Fastest, leaveOpen: true))
        {
            var row = new byte[1 + (side + 7) / 8];
            for (var y = 0; y < side; y++)
            {
                row.AsSpan(1).Fill((byte)(y < side / 2 ? 0 : 255));
                packed.Write(row);
            }
        }
        Pictures.WriteChunk(file, "IDAT", pixels.ToArray());
        Pictures.WriteChunk(file, "IEND", []);
        return file.ToArray();
    }
}

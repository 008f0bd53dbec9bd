using System.IO.Compression;
using SharpCompress.Compressors.BZip2;
using SharpCompress.Compressors.Deflate64;
using SharpCompress.Compressors.LZMA;
using SharpCompress.Compressors.ZStandard;
using Unpacking = SharpCompress.Compressors.CompressionMode;

namespace Dashboard.Datasets.Zips;

/// <summary>How an entry is compressed (APPNOTE.TXT 4.4.5).</summary>
internal enum ZipMethod
{
    Stored = 0, Shrink = 1, Implode = 6, Deflate = 8, Deflate64 = 9, OldImplode = 10, BZip2 = 12, Lzma = 14, OldZstandard = 20,
        Zstandard = 93,
    Mp3 = 94, Xz = 95, Jpeg = 96, WavPack = 97, Ppmd = 98, Aes = 99,
}

internal static class ZipMethods
{
    /// <summary>7-Zip's strongest setting takes this much. An archive may ask for 4 GB of memory before its first byte.</summary>
    internal const uint MaxLzmaDictionary = 64 << 20;

    public static bool CanRead(this ZipMethod method) =>
        method is ZipMethod.Stored or ZipMethod.Deflate or ZipMethod.Deflate64 or ZipMethod.BZip2
        or ZipMethod.Lzma or ZipMethod.OldZstandard or ZipMethod.Zstandard;

    public static string Name(this ZipMethod method) => method switch
    {
        ZipMethod.Implode or ZipMethod.OldImplode => "Implode",
        > ZipMethod.Shrink and < ZipMethod.Implode => "Reduce",
        ZipMethod.Jpeg => "WinZip's compression of JPEGs",
        ZipMethod.Ppmd => "PPMd",
        ZipMethod.Xz => "XZ",
        ZipMethod.OldZstandard => nameof(ZipMethod.Zstandard),
        _ => Enum.IsDefined(method) ? method.ToString() : FormattableString.Invariant($"method {(int)method}"),
    };

    /// <param name="packed">The entry's bytes, not one more; closed with the result.</param>
    /// <exception cref="InvalidDataException">It begins with something else than the method's header.</exception>
    public static Stream Unpack(this ZipMethod method, Stream packed, long length) => method switch
    {
        ZipMethod.Stored => packed,
        ZipMethod.Deflate => new DeflateStream(packed, CompressionMode.Decompress),
        ZipMethod.Deflate64 => new Deflate64Stream(packed, Unpacking.Decompress),
        ZipMethod.BZip2 => BZip2Stream.Create(packed, Unpacking.Decompress, false, false),
        ZipMethod.Lzma => Lzma(packed, length),
        ZipMethod.Zstandard or ZipMethod.OldZstandard => new DecompressionStream(packed, 0, true, false),
        _ => throw new NotSupportedException($"Entries compressed by {method.Name()} are refused before."),
    };

    /// <summary>Two bytes of version, two of length, then LZMA's five: a byte of parameters and the dictionary's size.</summary>
    private static LzmaStream Lzma(Stream packed, long length)
    {
        var header = new byte[4];
        packed.ReadExactly(header);
        var properties = new byte[header[2] | header[3] << 8];
        if (properties.Length != 5) throw new InvalidDataException("An LZMA header of another length.");
        packed.ReadExactly(properties);
        if (BitConverter.ToUInt32(properties, 1) > MaxLzmaDictionary) throw new TooMuchMemoryException();
        return LzmaStream.Create(properties, packed, packed.Length - packed.Position, length, false);
    }
}

/// <summary>An entry can only be unpacked with more memory than a photo is worth.</summary>
internal sealed class TooMuchMemoryException : Exception;

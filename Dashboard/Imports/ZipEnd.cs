using System.Buffers.Binary;

namespace Dashboard.Imports;

/// <summary>The end record of a zip (APPNOTE.TXT 4.3.14–4.3.16): says how many entries there are without reading their list.</summary>
internal static class ZipEnd
{
    private const uint EndSignature = 0x06054b50, Locator64Signature = 0x07064b50, End64Signature = 0x06064b50;
    private const int EndLength = 22, MaxComment = 65_535, Locator64Length = 20;

    /// <returns>Null when the stream isn't a zip.</returns>
    public static long? CountEntries(Stream zip)
    {
        var tail = new byte[Math.Min(zip.Length, EndLength + MaxComment + Locator64Length)];
        zip.Position = zip.Length - tail.Length;
        zip.ReadExactly(tail);
        for (var at = tail.Length - EndLength; at >= 0; at--)
        {
            if (Read32(tail, at) != EndSignature) continue;
            var count = BinaryPrimitives.ReadUInt16LittleEndian(tail.AsSpan(at + 10));
            return count == ushort.MaxValue ? Count64(zip, tail, at) ?? count : count;
        }
        return null;
    }

    /// <summary>More entries than 16 bits hold stand in a second record, which a locator before the first one points to.</summary>
    private static long? Count64(Stream zip, byte[] tail, int end)
    {
        var locator = end - Locator64Length;
        if (locator < 0 || Read32(tail, locator) != Locator64Signature) return null;
        var at = BinaryPrimitives.ReadInt64LittleEndian(tail.AsSpan(locator + 8));
        var record = new byte[56];
        if (at < 0 || at > zip.Length - record.Length) return null;
        zip.Position = at;
        zip.ReadExactly(record);
        if (Read32(record, 0) != End64Signature) return null;
        var count = BinaryPrimitives.ReadInt64LittleEndian(record.AsSpan(32));
        return count < 0 ? long.MaxValue : count;
    }

    private static uint Read32(byte[] bytes, int at) => BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(at));
}

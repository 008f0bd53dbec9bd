using System.Buffers.Binary;

namespace Dashboard.Datasets.Zips;

/// <summary>The end record of a zip (APPNOTE.TXT 4.3.14–4.3.16): where the list of entries is, and how many there should be.</summary>
/// <param name="Count">Entries as the zip counts them. Without <paramref name="Is64"/> programs of macOS let it go round at 65,536.</param>
/// <param name="ListOffset">As the zip says, from the beginning of the zip proper; without <paramref name="Is64"/> it may have gone round
/// at 4 GB.</param>
/// <param name="ListEnd">Where the list ends at the latest: at the first of the end records.</param>
/// <param name="IsPart">One of several files that are one zip together.</param>
internal sealed record ZipEnd(long Count, long ListLength, long ListOffset, long ListEnd, bool Is64, bool IsPart)
{
    private const uint EndSignature = 0x06054b50, Locator64Signature = 0x07064b50, End64Signature = 0x06064b50;
    private const int EndLength = 22, Locator64Length = 20, End64Length = 56;

    /// <summary>A comment has up to 64 KB; what copying adds behind it may be longer.</summary>
    private const int MostBehind = 1 << 20;

    /// <returns>Null when there is none: cut off, or no zip.</returns>
    public static ZipEnd? Find(Stream zip)
    {
        var tail = new byte[Math.Min(zip.Length, EndLength + Locator64Length + MostBehind)];
        var tailStart = zip.Length - tail.Length;
        zip.Position = tailStart;
        zip.ReadExactly(tail);
        ZipEnd? doubtful = null;
        for (var at = tail.Length - EndLength; at >= 0; at--)
        {
            if (Read32(tail, at) != EndSignature) continue;
            var end = Read(zip, tail, tailStart, at);
            // The signature's four bytes may stand in a comment too: the list has to fit in before them.
            if (end.ListLength <= end.ListEnd) return end;
            doubtful ??= end;
        }
        return doubtful;
    }

    private static ZipEnd Read(Stream zip, byte[] tail, long tailStart, int at)
    {
        var end = new ZipEnd(
            Read16(tail, at + 10), Read32(tail, at + 12), Read32(tail, at + 16), tailStart + at, Is64: false,
            IsPart: Read16(tail, at + 4) is var disk && disk != ushort.MaxValue && (disk != 0 || Read16(tail, at + 6) != 0));
        var locator = at - Locator64Length;
        if (locator < 0 || Read32(tail, locator) != Locator64Signature) return end;
        var stated = BinaryPrimitives.ReadInt64LittleEndian(tail.AsSpan(locator + 8));
        return Read64(zip, stated) ?? Read64(zip, tailStart + locator - End64Length) ?? end;
    }

    private static ZipEnd? Read64(Stream zip, long at)
    {
        var record = new byte[End64Length];
        if (at < 0 || at > zip.Length - record.Length) return null;
        zip.Position = at;
        zip.ReadExactly(record);
        if (Read32(record, 0) != End64Signature) return null;
        return new ZipEnd(Count(Read64(record, 32)), Count(Read64(record, 40)), Count(Read64(record, 48)), at, Is64: true,
            IsPart: Read32(record, 16) != 0 || Read32(record, 20) != 0);

        static long Count(long stated) => stated < 0 ? long.MaxValue : stated;
    }

    private static int Read16(byte[] bytes, int at) => BinaryPrimitives.ReadUInt16LittleEndian(bytes.AsSpan(at));

    private static uint Read32(byte[] bytes, int at) => BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(at));

    private static long Read64(byte[] bytes, int at) => BinaryPrimitives.ReadInt64LittleEndian(bytes.AsSpan(at));
}

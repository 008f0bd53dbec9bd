using System.Buffers.Binary;
using System.Globalization;
using Training.Core.Runs;

namespace Dashboard.Datasets.Zips;

/// <summary>
/// The list of entries at a zip's end, read as it is written there. By hand: .NET's reader refuses what macOS writes of more than 65,535
/// files or 4 GB, and gives names as text, when it is too late to ask what they were.
/// </summary>
internal static class ZipDirectory
{
    private const uint LocalSignature = 0x04034b50;
    private const int MostVariable = 3 * ushort.MaxValue;
    private const long Round = 1L << 32;

    /// <summary>All entries, in the list's order; at most as many as may be.</summary>
    /// <exception cref="DatasetException">Field "file": no zip, cut off, damaged, counted wrongly, too many files.</exception>
    public static List<ZipRecord> Read(Stream zip, ZipLimits limits)
    {
        if (ZipEnd.Find(zip) is not { } end) throw ZipContents.Bad(ForeignFile.Explain(zip));
        if (end.IsPart) throw ZipContents.Bad("This zip is one of several parts (.z01, .z02 … .zip). Make it again as a single file.");
        if (end.Count > limits.MaxEntries) throw TooMany(end.Count, limits);
        var (start, shift) = Start(zip, end);
        var records = ReadList(zip, start, end, limits);
        RequireCounted(end, records.Count);
        // Without 64-bit records, offsets beyond 4 GB have gone round.
        var isRound = !end.Is64 && shift > 0 && shift % Round == 0;
        return isRound ? Unrolled(records) : shift == 0
            ? records : records.ConvertAll(record => record with { Offset = record.Offset + shift });
    }

    /// <summary>Where an entry's bytes begin.</summary>
    /// <exception cref="InvalidDataException">There is no entry where the list says.</exception>
    public static long DataStart(Stream zip, ZipRecord record)
    {
        Span<byte> header = stackalloc byte[30];
        if (record.Offset < 0 || record.Offset > zip.Length - header.Length) throw new InvalidDataException("Outside the file.");
        zip.Position = record.Offset;
        zip.ReadExactly(header);
        if (BinaryPrimitives.ReadUInt32LittleEndian(header) != LocalSignature) throw new InvalidDataException("No entry there.");
        return record.Offset + header.Length + BinaryPrimitives.ReadUInt16LittleEndian(header[26..])
            + BinaryPrimitives.ReadUInt16LittleEndian(header[28..]);
    }

    /// <summary>
    /// Where the list begins, and how much all offsets have to be shifted: something may stand before the zip, a program that unpacks it,
    /// say.
    /// </summary>
    private static (long Start, long Shift) Start(Stream zip, ZipEnd end)
    {
        var start = end.ListEnd - end.ListLength;
        if (start >= 0 && IsRecordAt(zip, start, end))
        {
            if (start >= end.ListOffset) return (start, start - end.ListOffset);
            throw ZipContents.Bad($"The zip is damaged: its beginning is missing ({ByteSize.Text(end.ListOffset - start)}). Copy it "
                + "again, and upload that.");
        }
        // Something may stand between the list and the end too.
        if (end.ListOffset < end.ListEnd && IsRecordAt(zip, end.ListOffset, end)) return (end.ListOffset, 0);
        throw ZipContents.Bad("The zip is damaged: its list of files can't be read. Make it again, or copy it again, and upload that.");
    }

    private static bool IsRecordAt(Stream zip, long at, ZipEnd end)
    {
        if (end.Count == 0 && end.ListLength == 0) return true;
        Span<byte> signature = stackalloc byte[4];
        zip.Position = at;
        return zip.ReadAtLeast(signature, 4, throwOnEndOfStream: false) == 4
            && BinaryPrimitives.ReadUInt32LittleEndian(signature) == ZipRecord.Signature;
    }

    private static List<ZipRecord> ReadList(Stream zip, long start, ZipEnd end, ZipLimits limits)
    {
        zip.Position = start;
        var list = new BufferedStream(zip, 1 << 16);
        var records = new List<ZipRecord>((int)Math.Min(end.Count, 1 << 16));
        var header = new byte[ZipRecord.FixedLength];
        var variable = new byte[MostVariable];
        for (var left = end.ListEnd - start; left >= header.Length;)
        {
            if (list.ReadAtLeast(header, header.Length, throwOnEndOfStream: false) < header.Length
                || BinaryPrimitives.ReadUInt32LittleEndian(header) != ZipRecord.Signature) break;
            var length = BinaryPrimitives.ReadUInt16LittleEndian(header.AsSpan(28))
                + BinaryPrimitives.ReadUInt16LittleEndian(header.AsSpan(30))
                + BinaryPrimitives.ReadUInt16LittleEndian(header.AsSpan(32));
            left -= header.Length + length;
            if (left < 0 || list.ReadAtLeast(variable.AsSpan(0, length), length, throwOnEndOfStream: false) < length) break;
            if (records.Count == limits.MaxEntries) throw TooMany(records.Count + 1, limits);
            records.Add(ZipRecord.Read(header, variable.AsSpan(0, length)));
        }
        return records;
    }

    private static void RequireCounted(ZipEnd end, int count)
    {
        if (count == end.Count || !end.Is64 && count % (ushort.MaxValue + 1) == end.Count) return;
        throw ZipContents.Bad(string.Create(CultureInfo.InvariantCulture,
            $"The zip counts its files wrongly: its end says {end.Count:N0}, its list has {count:N0}. Some may be missing. Make it again "
                + $"with another program, and upload that."));
    }

    /// <summary>Entries lie in the list's order, so an offset that is smaller than the one before has gone round once more.</summary>
    private static List<ZipRecord> Unrolled(List<ZipRecord> records)
    {
        var (round, before) = (0L, 0L);
        return records.ConvertAll(record =>
        {
            if (record.Offset + round < before) round += Round;
            before = record.Offset + round;
            return record with { Offset = before };
        });
    }

    private static DatasetException TooMany(long count, ZipLimits limits) => ZipContents.Bad(
        FormattableString.Invariant($"The zip holds {count:N0} files; {limits.MaxEntries:N0} at most. ")
        + "Raise Dashboard:MaxZipEntries, or unpack it yourself and add the folder by its path.");
}

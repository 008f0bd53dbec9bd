using System.Buffers.Binary;
using System.IO.Hashing;
using System.Text;

namespace Training.Tests.Datasets.Imports;

/// <summary>An entry of a <see cref="RawZip"/>.</summary>
internal sealed record RawEntry(byte[] Name, byte[] Content)
{
    public const int Utf8 = 1 << 11;

    public int Flags { get; init; }

    public int Method { get; init; }

    /// <summary>The content as it is compressed; null: as it is.</summary>
    public byte[]? Packed { get; init; }

    public byte[] Extra { get; init; } = [];

    public uint Sum { get; init; } = Crc32.HashToUInt32(Content);

    /// <summary>Info-ZIP's Unicode Path field.</summary>
    /// <param name="of">The plain name that it was written for.</param>
    public static byte[] UnicodePath(string name, byte[] of)
    {
        var unicode = Encoding.UTF8.GetBytes(name);
        var field = new byte[9 + unicode.Length];
        BinaryPrimitives.WriteUInt16LittleEndian(field, 0x7075);
        BinaryPrimitives.WriteUInt16LittleEndian(field.AsSpan(2), (ushort)(5 + unicode.Length));
        field[4] = 1;
        BinaryPrimitives.WriteUInt32LittleEndian(field.AsSpan(5), Crc32.HashToUInt32(of));
        unicode.CopyTo(field, 9);
        return field;
    }
}

/// <summary>
/// A zip put together by hand, so that it can be as other programs write them: any bytes as names, counts that go round, things before and
/// behind.
/// </summary>
internal sealed record RawZip(params RawEntry[] Entries)
{
    public const int Dos = 0, Unix = 3;

    public int System { get; init; } = Dos;

    /// <summary>As the end says; null: as many as there are.</summary>
    public int? Count { get; init; }

    public byte[] Before { get; init; } = [];

    /// <summary>Whether offsets count what stands before.</summary>
    public bool CountsBefore { get; init; }

    public byte[] Behind { get; init; } = [];

    /// <summary>Sizes and sums follow the entries instead of standing before them, as where the output can't be rewound.</summary>
    public bool HasDescriptors { get; init; }

    /// <summary>Sizes, offsets and counts in records of 64 bits.</summary>
    public bool Is64 { get; init; }

    public static RawEntry Entry(string name, Encoding encoding, byte[]? content = null) =>
        new(encoding.GetBytes(name), content ?? TestZip.Png);

    public byte[] Bytes()
    {
        using var zip = new MemoryStream();
        using var list = new MemoryStream();
        zip.Write(Before);
        foreach (var entry in Entries) Write(zip, list, entry, (uint)(zip.Length - (CountsBefore ? 0 : Before.Length)));
        var start = zip.Length - (CountsBefore ? 0 : Before.Length);
        zip.Write(list.ToArray());
        var count = Count ?? Entries.Length;
        if (Is64)
        {
            var end = zip.Length;
            Write(zip, 0x06064b50u, 44L, (ushort)45, (ushort)45, 0u, 0u, (long)count, (long)count, list.Length, start);
            Write(zip, 0x07064b50u, 0u, end, 1u);
            Write(zip, 0x06054b50u, 0u, ushort.MaxValue, ushort.MaxValue, uint.MaxValue, uint.MaxValue, (ushort)0);
        }
        else
        {
            Write(zip, 0x06054b50u, 0u, (ushort)count, (ushort)count, (uint)list.Length, (uint)start, (ushort)0);
        }
        zip.Write(Behind);
        return zip.ToArray();
    }

    private void Write(MemoryStream zip, MemoryStream list, RawEntry entry, uint offset)
    {
        var packed = entry.Packed ?? entry.Content;
        var (sum, small, large) = (entry.Sum, (uint)packed.Length, (uint)entry.Content.Length);
        var flags = (ushort)(entry.Flags | (HasDescriptors ? 8 : 0));
        var told = HasDescriptors ? (0u, 0u, 0u) : Is64 ? (sum, uint.MaxValue, uint.MaxValue) : (sum, small, large);
        byte[] wide = Is64 ? [1, 0, 16, 0, .. BitConverter.GetBytes((long)large), .. BitConverter.GetBytes((long)small)] : [];
        byte[] extra = [.. HasDescriptors ? [] : wide, .. entry.Extra];
        Write(zip, 0x04034b50u, (ushort)20, flags, (ushort)entry.Method, 0u, told.Item1, told.Item2, told.Item3, (ushort)entry.Name.Length,
            (ushort)extra.Length);
        zip.Write(entry.Name);
        zip.Write(extra);
        zip.Write(packed);
        if (HasDescriptors) Write(zip, 0x08074b50u, sum, small, large);
        extra = [.. wide, .. Is64 ? BitConverter.GetBytes((long)offset) : [], .. entry.Extra];
        if (Is64) extra[2] = 24;
        Write(list, 0x02014b50u, (byte)20, (byte)System, (ushort)20, flags, (ushort)entry.Method, 0u, sum, Is64 ? uint.MaxValue : small,
            Is64 ? uint.MaxValue : large, (ushort)entry.Name.Length, (ushort)extra.Length, (ushort)0, 0u, 0u, Is64
            ? uint.MaxValue : offset);
        list.Write(entry.Name);
        list.Write(extra);
    }

    private static void Write(MemoryStream to, params object[] numbers)
    {
        foreach (var number in numbers)
        {
            to.Write(number switch
            {
                byte value => [value],
                ushort value => BitConverter.GetBytes(value),
                uint value => BitConverter.GetBytes(value),
                long value => BitConverter.GetBytes(value),
                _ => throw new ArgumentException($"{number.GetType()} is no field of a zip."),
            });
        }
    }
}

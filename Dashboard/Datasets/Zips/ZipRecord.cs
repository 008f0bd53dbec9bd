using System.Buffers.Binary;
using System.IO.Hashing;
using System.Text;

namespace Dashboard.Datasets.Zips;

/// <summary>An entry as the list of a zip has it (APPNOTE.TXT 4.3.12).</summary>
/// <param name="Name">As it stands there; what it means depends on its encoding.</param>
/// <param name="Offset">Of its local header, from the beginning of the file.</param>
/// <param name="System">Of the program that wrote it: 0 DOS and Windows, 3 Unix, 10 and 11 Windows, 19 macOS.</param>
internal sealed record ZipRecord(
    byte[] Name, string? UnicodeName, int Flags, ZipMethod Method, uint Sum, long Packed, long Length, long Offset, int System,
    uint Attributes)
{
    public const uint Signature = 0x02014b50;
    public const int FixedLength = 46;

    private const int Encrypted = 1, StronglyEncrypted = 1 << 6, Utf8 = 1 << 11, ListEncrypted = 1 << 13;
    private const int Zip64Field = 0x0001, UnicodePathField = 0x7075;
    private const int UnixTypeMask = 0xF000, UnixLink = 0xA000, UnixRegular = 0x8000, UnixFolder = 0x4000;

    private static readonly UTF8Encoding StrictUtf8 = new(false, throwOnInvalidBytes: true);

    /// <summary>The name, where the zip says how to read it: ASCII, marked as UTF-8, or given in Unicode beside.</summary>
    public string? KnownName => UnicodeName ?? (Ascii.IsValid(Name) || (Flags & Utf8) != 0 ? TryUtf8(Name) : null);

    public bool IsEncrypted => (Flags & (Encrypted | StronglyEncrypted | ListEncrypted)) != 0 || Method == ZipMethod.Aes;

    public bool IsOfUnix => System is 3 or 19;

    /// <summary>A name that goes on in folders ends with the separator where it is one itself.</summary>
    public bool IsFolder => Name.Length > 0 && Name[^1] is (byte)'/' || UnixType == UnixFolder;

    public bool IsLink => UnixType == UnixLink;

    public bool IsSpecial => UnixType is not (0 or UnixRegular or UnixFolder or UnixLink);

    private uint UnixType => Attributes >> 16 & UnixTypeMask;

    /// <param name="header">The fixed part, its signature checked.</param>
    /// <param name="variable">Name, extra fields and comment.</param>
    public static ZipRecord Read(ReadOnlySpan<byte> header, ReadOnlySpan<byte> variable)
    {
        var name = variable[..Read16(header, 28)].ToArray();
        var extra = variable.Slice(name.Length, Read16(header, 30));
        long packed = Read32(header, 20), length = Read32(header, 24), offset = Read32(header, 42);
        string? unicode = null;
        while (extra.Length >= 4)
        {
            var (id, size) = (Read16(extra, 0), Read16(extra, 2));
            if (size > extra.Length - 4) break;
            var field = extra.Slice(4, size);
            if (id == Zip64Field) ReadLarge(field, ref length, ref packed, ref offset);
            else if (id == UnicodePathField) unicode = UnicodePath(field, name);
            extra = extra[(4 + size)..];
        }
        return new ZipRecord(
            name, unicode, Read16(header, 8), (ZipMethod)Read16(header, 10), Read32(header, 16), packed, length, offset, header[5],
            Read32(header, 38));
    }

    /// <summary>Only what doesn't fit into 32 bits is there, in this order.</summary>
    private static void ReadLarge(ReadOnlySpan<byte> field, ref long length, ref long packed, ref long offset)
    {
        Take(ref field, ref length);
        Take(ref field, ref packed);
        Take(ref field, ref offset);

        static void Take(ref ReadOnlySpan<byte> field, ref long value)
        {
            if (value != uint.MaxValue || field.Length < 8) return;
            value = BinaryPrimitives.ReadInt64LittleEndian(field);
            field = field[8..];
        }
    }

    /// <summary>
    /// Info-ZIP's field: version, checksum of the plain name, name in UTF-8. The checksum shows whether somebody renamed the entry since.
    /// </summary>
    private static string? UnicodePath(ReadOnlySpan<byte> field, byte[] name) =>
        field.Length > 5 && field[0] == 1 && Read32(field, 1) == Crc32.HashToUInt32(name) ? TryUtf8(field[5..]) : null;

    private static string? TryUtf8(ReadOnlySpan<byte> bytes)
    {
        try
        {
            return StrictUtf8.GetString(bytes);
        }
        catch (DecoderFallbackException)
        {
            return null;
        }
    }

    private static int Read16(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadUInt16LittleEndian(bytes[at..]);

    private static uint Read32(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadUInt32LittleEndian(bytes[at..]);
}

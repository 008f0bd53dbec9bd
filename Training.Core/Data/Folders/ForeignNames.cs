using System.Runtime.InteropServices;
using System.Text.Unicode;
using Training.Core.Data.Encodings;

namespace Training.Core.Data.Folders;

/// <summary>
/// Names in a folder that are no UTF-8, as an old zip from Korea or Japan leaves them on Linux. .NET can't open them; what they are meant
/// to be is guessed, so that they can be named and mended.
/// </summary>
/// <param name="Names">As .NET shows them, with � for what it can't read, and whether they are folders.</param>
/// <param name="Guess">What the first of them is probably called.</param>
/// <param name="Encoding">As convmv calls it.</param>
internal sealed partial record ForeignNames(IReadOnlyList<(string Name, bool IsFolder)> Names, string Guess, string Encoding)
{
    private const byte FolderType = 4;

    /// <summary>The command that mends all names below a folder.</summary>
    public string Command(string root) =>
        $"convmv -f {Encoding} -t utf8 -r --notest '{root.Replace("'", @"'\''", StringComparison.Ordinal)}'";

    /// <summary>Null when every name is UTF-8, or the folder can't be read.</summary>
    public static ForeignNames? In(string folder)
    {
        var raw = OperatingSystem.IsLinux() && Environment.Is64BitProcess ? Read(folder) : [];
        if (raw.Count == 0) return null;
        // Most come from zips that somebody made on Windows.
        var encoding = NameReading.Of(new RawNames([.. raw.Select(entry => entry.Name)], IsOfUnix: false)).Best;
        return new ForeignNames(
            [.. raw.Select(entry => (System.Text.Encoding.UTF8.GetString(entry.Name), entry.IsFolder))],
            encoding.Encoding.GetString(raw[0].Name), Convmv(encoding));
    }

    private static string Convmv(NameEncoding encoding) => encoding.Name switch
    {
        "shift_jis" => "cp932",
        "gb18030" => "gbk",
        var name => name,
    };

    /// <summary>By the C library, which knows bytes only; in the order of the bytes.</summary>
    private static unsafe List<(byte[] Name, bool IsFolder)> Read(string folder)
    {
        var found = new List<(byte[] Name, bool IsFolder)>();
        var stream = Open(folder);
        if (stream == 0) return found;
        try
        {
            while (Next(stream) is var entry && entry is not null)
            {
                var name = MemoryMarshal.CreateReadOnlySpanFromNullTerminated(entry->Name);
                if (!Utf8.IsValid(name)) found.Add((name.ToArray(), entry->Type == FolderType));
            }
        }
        finally
        {
            _ = Close(stream);
        }
        found.Sort((one, other) => one.Name.AsSpan().SequenceCompareTo(other.Name));
        return found;
    }

    [LibraryImport("libc", EntryPoint = "opendir", StringMarshalling = StringMarshalling.Utf8)]
    private static partial nint Open(string folder);

    [LibraryImport("libc", EntryPoint = "readdir")]
    private static unsafe partial DirectoryEntry* Next(nint stream);

    [LibraryImport("libc", EntryPoint = "closedir")]
    private static partial int Close(nint stream);

    /// <summary>struct dirent of 64-bit Linux, glibc and musl.</summary>
    [StructLayout(LayoutKind.Explicit)]
    private unsafe struct DirectoryEntry
    {
        [FieldOffset(18)] public byte Type;
        [FieldOffset(19)] public fixed byte Name[256];
    }
}

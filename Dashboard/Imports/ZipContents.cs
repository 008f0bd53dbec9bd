using System.IO.Compression;
using System.Text;
using Dashboard.Datasets;
using Dashboard.Layout;

namespace Dashboard.Imports;

/// <summary>One file of a zip and where it goes.</summary>
/// <param name="Path">Relative to the dataset's folder, with forward slashes; checked.</param>
internal sealed record ZipFileEntry(ZipArchiveEntry Entry, string Path);

/// <summary>What an uploaded zip holds, checked before a byte is unpacked. Its errors concern the field "file".</summary>
internal sealed class ZipContents : IDisposable
{
    private const int UnixTypeMask = 0xF000, UnixLink = 0xA000, UnixRegular = 0x8000, UnixFolder = 0x4000;
    private static readonly string[] Litter = ["__MACOSX", ".DS_Store", "Thumbs.db", "desktop.ini"];

    private readonly ZipArchive _archive;

    private ZipContents(ZipArchive archive, IReadOnlyList<ZipFileEntry> files) => (_archive, Files) = (archive, files);

    /// <summary>Without folders and what operating systems leave behind.</summary>
    public IReadOnlyList<ZipFileEntry> Files { get; }

    /// <exception cref="DatasetException">It can't be taken.</exception>
    public static void Check(string zip, ZipLimits limits) => Open(zip, limits).Dispose();

    /// <exception cref="DatasetException">It can't be taken.</exception>
    public static ZipContents Open(string zip, ZipLimits limits)
    {
        ZipArchive? archive = null;
        try
        {
            var size = new FileInfo(zip).Length;
            RequireFewEntries(zip, limits);
            archive = OpenArchive(zip);
            RequireSize(archive, size, limits);
            var files = archive.Entries.Where(IsFile).Select(entry => new ZipFileEntry(entry, SafePath(entry))).ToList();
            RequireDistinct(files);
            return new ZipContents(archive, WithoutWrapper(files));
        }
        catch (InvalidDataException)
        {
            archive?.Dispose();
            throw Bad("The zip is damaged: its list of files can't be read. Make it again, or copy it again, and upload that.");
        }
        catch
        {
            archive?.Dispose();
            throw;
        }
    }

    public void Dispose() => _archive.Dispose();

    internal static DatasetException Bad(string message) => new("file", message);

    /// <summary>Counted before the list is read into memory.</summary>
    private static void RequireFewEntries(string zip, ZipLimits limits)
    {
        using var stream = File.OpenRead(zip);
        var count = ZipEnd.CountEntries(stream) ?? throw Bad("This is not a zip file. Choose a .zip that holds a folder of images per class.");
        if (count == 0) throw Bad("The zip is empty. Choose one that holds a folder of images per class.");
        if (count > limits.MaxEntries)
            throw Bad(FormattableString.Invariant($"The zip holds {count:N0} files; {limits.MaxEntries:N0} at most. ")
                + "Raise Dashboard:MaxZipEntries, or unpack it yourself and add the folder by its path.");
    }

    /// <summary>Names without the UTF-8 mark are read as UTF-8, else as Korean, as Windows writes them there.</summary>
    private static ZipArchive OpenArchive(string zip)
    {
        var archive = ZipFile.OpenRead(zip);
        if (!archive.Entries.Any(entry => entry.FullName.Contains('\uFFFD', StringComparison.Ordinal))) return archive;
        archive.Dispose();
        var korean = CodePagesEncodingProvider.Instance.GetEncoding(949)!;
        return ZipFile.Open(zip, ZipArchiveMode.Read, korean);
    }

    private static void RequireSize(ZipArchive archive, long zipBytes, ZipLimits limits)
    {
        if (archive.Entries.FirstOrDefault(entry => entry.IsEncrypted) is { } locked)
            throw Bad($"The zip is encrypted (“{locked.FullName}” needs a password). Make it again without a password.");
        var total = archive.Entries.Aggregate(0L, (sum, entry) => sum > limits.MaxBytes ? sum : sum + Math.Max(0, entry.Length));
        RequireAllowed(total, zipBytes, limits);
        if (total > limits.FreeBytes)
            throw Bad($"The zip unpacks to {Figures.Bytes(total)}, but only {Figures.Bytes(limits.FreeBytes)} are free on the disk of the data root. "
                + "Free some space, or unpack it elsewhere and add the folder by its path.");
    }

    /// <exception cref="DatasetException">More than a zip of this size may unpack to.</exception>
    internal static void RequireAllowed(long unpacked, long zipBytes, ZipLimits limits)
    {
        if (unpacked > limits.MaxBytes)
            throw Bad($"The zip unpacks to more than {Figures.Bytes(limits.MaxBytes)}. "
                + "Raise Dashboard:MaxUnpackedBytes, or unpack it yourself and add the folder by its path.");
        if (unpacked > ZipLimits.GrowthMattersFrom && unpacked / ZipLimits.MaxGrowth > zipBytes)
            throw Bad($"The zip has {Figures.Bytes(zipBytes)} but unpacks to {Figures.Bytes(unpacked)} or more, which photos never do: it looks like a zip bomb. "
                + "If you trust it, unpack it yourself and add the folder by its path.");
    }

    private static bool IsFile(ZipArchiveEntry entry)
    {
        var type = entry.ExternalAttributes >> 16 & UnixTypeMask;
        if (type == UnixLink)
            throw Bad($"The zip holds a link (“{entry.FullName}”). Make it again with the files themselves: zip without the option -y.");
        if (type is not (0 or UnixRegular or UnixFolder))
            throw Bad($"The zip holds “{entry.FullName}”, which is neither a file nor a folder. Make it again without it.");
        return !entry.FullName.EndsWith('/') && !entry.FullName.EndsWith('\\')
            && !entry.FullName.Split('/', '\\').Any(part => Litter.Contains(part, StringComparer.OrdinalIgnoreCase));
    }

    /// <summary>Backslashes count as separators: some Windows programs write them.</summary>
    private static string SafePath(ZipArchiveEntry entry)
    {
        var name = entry.FullName.Replace('\\', '/');
        if (name.StartsWith('/') || name.Length > 1 && name[1] == ':' && char.IsAsciiLetter(name[0]))
            throw Unsafe(entry, "leads to a fixed place of the disk");
        var parts = name.Split('/');
        if (parts.Contains("..")) throw Unsafe(entry, "leads out of the dataset's folder");
        foreach (var part in parts)
        {
            if (part is "" or "." || part.IndexOfAny(Path.GetInvalidFileNameChars()) >= 0 || part.Any(char.IsControl))
                throw Unsafe(entry, "is a name that no file can have");
            if (Encoding.UTF8.GetByteCount(part) > 255)
                throw Bad($"The zip holds a file whose name is too long for the disk (“{part[..40]}…”). Shorten it and make the zip again.");
        }
        return name;
    }

    private static DatasetException Unsafe(ZipArchiveEntry entry, string why) =>
        Bad($"The zip holds “{Printable(entry.FullName)}”, which {why}. Nothing was unpacked. Make the zip again from the folder of images itself.");

    private static string Printable(string name) => string.Concat(name.Select(c => char.IsControl(c) ? '\uFFFD' : c));

    private static void RequireDistinct(List<ZipFileEntry> files)
    {
        if (files.Count == 0) throw Bad("The zip holds no files. Choose one that holds a folder of images per class.");
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var file in files)
            if (!seen.Add(file.Path)) throw Bad($"The zip holds “{file.Path}” twice. Make it again from the folder of images.");
        foreach (var folder in files.Select(file => Parent(file.Path)).Where(folder => folder.Length > 0).Distinct().Where(seen.Contains))
            throw Bad($"The zip holds “{folder}” as a file and as a folder. Make it again from the folder of images.");
    }

    /// <summary>Most zips hold one folder with everything in it; it is no part of the dataset.</summary>
    private static List<ZipFileEntry> WithoutWrapper(List<ZipFileEntry> files)
    {
        while (true)
        {
            var top = files[0].Path.Split('/')[0] + "/";
            // A folder that holds files itself may be a class.
            if (!files.TrueForAll(file => file.Path.StartsWith(top, StringComparison.Ordinal) && file.Path.IndexOf('/', top.Length) > 0))
                return files;
            files = files.ConvertAll(file => file with { Path = file.Path[top.Length..] });
        }
    }

    private static string Parent(string path) => path[..Math.Max(0, path.LastIndexOf('/'))];
}

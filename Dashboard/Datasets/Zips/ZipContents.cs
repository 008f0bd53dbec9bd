using Training.Core.Data;
using Training.Core.Data.Encodings;
using Training.Core.Runs;

namespace Dashboard.Datasets.Zips;

/// <summary>One file of a zip and where it goes.</summary>
/// <param name="Path">Relative to the dataset's folder, with forward slashes; checked.</param>
internal sealed record ZipFileEntry(ZipRecord Record, string Path);

/// <summary>What an uploaded zip holds, checked before a byte is unpacked. Its errors concern the field "file", or "encoding".</summary>
internal sealed class ZipContents : IDisposable
{
    /// <summary>What a disk gives a file at least.</summary>
    private const int Block = 4096;

    private static readonly string[] Archives = [".zip", ".rar", ".7z", ".tar", ".gz", ".tgz", ".bz2", ".xz", ".alz", ".egg"];

    private readonly Stream _zip;

    private ZipContents(Stream zip, IReadOnlyList<ZipFileEntry> files, ZipNames names, IReadOnlyList<DatasetProblem> findings) =>
        (_zip, Files, Encoding, Findings) = (zip, files, names.Encoding, findings);

    /// <summary>Without folders and what operating systems leave behind.</summary>
    public IReadOnlyList<ZipFileEntry> Files { get; }

    /// <summary>Of the names, as far as the zip doesn't say it; null where it does.</summary>
    public NameEncoding? Encoding { get; }

    /// <summary>What was guessed, left out and renamed.</summary>
    public IReadOnlyList<DatasetProblem> Findings { get; }

    public long Bytes => Files.Sum(file => file.Record.Length);

    /// <param name="encoding">What somebody says the names are written in; null: the zip is asked.</param>
    /// <exception cref="DatasetException">It can't be taken.</exception>
    public static ZipContents Open(string zip, ZipLimits limits, NameEncoding? encoding = null)
    {
        var stream = new FileStream(zip, FileMode.Open, FileAccess.Read, FileShare.Read);
        try
        {
            return Of(stream, stream.Length, limits, encoding);
        }
        catch
        {
            stream.Dispose();
            throw;
        }
    }

    /// <param name="zip">The whole zip, or at least its list and end; becomes the contents'.</param>
    /// <param name="zipBytes">Of the whole zip.</param>
    /// <exception cref="DatasetException">It can't be taken.</exception>
    public static ZipContents Of(Stream zip, long zipBytes, ZipLimits limits, NameEncoding? encoding)
    {
        var records = ZipDirectory.Read(zip, limits);
        if (records.Count == 0) throw Bad("The zip is empty. Choose one that holds a folder of images per class.");
        RequireReadable(records);
        RequireSize(records, zipBytes, limits);
        var names = ZipNames.Read(records, encoding);
        var paths = new ZipPaths(areRooted: names.Names.All(name => name.StartsWith('/')));
        var files = new List<ZipFileEntry>(records.Count);
        foreach (var (record, name) in records.Zip(names.Names))
            if (paths.Of(record, name) is { } path) files.Add(new ZipFileEntry(record, path));
        if (files.Count == 0) throw Bad("The zip holds no files. Choose one that holds a folder of images per class.");
        paths.RequireNoFileIsAFolder();
        RequireImagesOrNoArchives(files);
        return new ZipContents(zip, WithoutWrapper(files), names,
            [.. names.Finding is null ? [] : new[] { names.Finding }, .. paths.Findings]);
    }

    /// <summary>The file's bytes, unpacked. One at a time.</summary>
    /// <exception cref="InvalidDataException">They aren't where the list says, or don't begin as they should.</exception>
    public Stream Read(ZipFileEntry file)
    {
        var start = ZipDirectory.DataStart(_zip, file.Record);
        if (file.Record.Packed < 0 || start > _zip.Length - file.Record.Packed) throw new InvalidDataException("Outside the file.");
        return file.Record.Method.Unpack(new ZipPart(_zip, start, file.Record.Packed), file.Record.Length);
    }

    public void Dispose() => _zip.Dispose();

    internal static DatasetException Bad(string message) => new("file", message);

    internal static string Parent(string path) => path[..Math.Max(0, path.LastIndexOf('/'))];

    private static void RequireReadable(List<ZipRecord> records)
    {
        if (records.Find(record => record.IsEncrypted) is { } locked)
            throw Bad($"The zip is encrypted (“{NameOf(locked)}” needs a password). Make it again without a password.");
        if (records.Find(record => !record.Method.CanRead()) is { } unknown)
            throw Bad($"The zip's compression is not supported: “{NameOf(unknown)}” is compressed by {unknown.Method.Name()}. "
                + "Make it again with the usual method, which programs call Deflate or “normal”.");
    }

    private static string NameOf(ZipRecord record) =>
        record.KnownName ?? NamePlausibility.Decode(NameReading.Of(new RawNames([record.Name], record.IsOfUnix)).Best, record.Name) ?? "";

    private static void RequireSize(List<ZipRecord> records, long zipBytes, ZipLimits limits)
    {
        var (total, onDisk, packed) = (0L, 0L, 0L);
        foreach (var record in records)
        {
            if (record.Length < 0 || record.Packed < 0)
                throw Bad("The zip is damaged: its list of files holds sizes that no file has. Make it again, and upload that.");
            if (total <= limits.MaxBytes) (total, onDisk) = (total + record.Length, onDisk + (record.Length + Block - 1) / Block * Block);
            packed = packed > zipBytes ? packed : packed + record.Packed;
        }
        RequireAllowed(total, zipBytes, limits);
        if (packed > zipBytes)
            throw Bad("The files of the zip lie over each other, as in no zip that a program made of photos: it looks like a zip bomb. If "
                + "you trust it, unpack it yourself and add the folder by its path.");
        if (onDisk > limits.FreeBytes)
            throw new NoRoomException($"The zip unpacks to {ByteSize.Text(onDisk)}, but only {ByteSize.Text(limits.FreeBytes)} are free "
                + "on the disk of the data root. "
                + "Free some space, or unpack it elsewhere and add the folder by its path.");
    }

    /// <exception cref="DatasetException">More than a zip of this size may unpack to.</exception>
    internal static void RequireAllowed(long unpacked, long zipBytes, ZipLimits limits)
    {
        if (unpacked > limits.MaxBytes)
            throw Bad($"The zip unpacks to more than {ByteSize.Text(limits.MaxBytes)}. "
                + "Raise Dashboard:MaxUnpackedBytes, or unpack it yourself and add the folder by its path.");
        if (unpacked > ZipLimits.GrowthMattersFrom && unpacked / ZipLimits.MaxGrowth > zipBytes)
            throw Bad($"The zip has {ByteSize.Text(zipBytes)} but unpacks to {ByteSize.Text(unpacked)} or more, which photos never do: it "
                + "looks like a zip bomb. "
                + "If you trust it, unpack it yourself and add the folder by its path.");
    }

    /// <summary>Which of several archives in an archive are to be trained on, and as what, only a person knows.</summary>
    private static void RequireImagesOrNoArchives(List<ZipFileEntry> files)
    {
        var archives = files.Where(file => Archives.Contains(Path.GetExtension(file.Path).ToLowerInvariant())).Select(file => file.Path)
            .ToList();
        if (archives.Count == 0 || files.Exists(file => ImageDecoder.Extensions.Contains(Path.GetExtension(file.Path)))) return;
        var named = string.Join(", ", archives.Take(3).Select(path => $"“{path}”"));
        throw Bad(archives.Count == 1
            ? $"The zip holds no images but another archive ({named}). Unpack it, and upload the archive that was in it."
            : $"The zip holds no images but other archives ({named}{(archives.Count > 3 ? " …" : "")}). Unpack it and them, and make one "
                + "zip of their images: a folder per class, with folders train, val or test above where they are parts of a split.");
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
}

/// <summary>The zip would fit if there were more room: worth another try.</summary>
public sealed class NoRoomException(string message) : DatasetException("file", message);

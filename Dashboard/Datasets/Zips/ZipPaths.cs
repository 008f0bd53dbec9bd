using System.Globalization;
using System.IO.Hashing;
using System.Text;
using Training.Core.Data;
using Training.Core.Data.Folders;

namespace Dashboard.Datasets.Zips;

/// <summary>Where the files of a zip go, from their names: nowhere but below the dataset's folder, and no two to one place.</summary>
/// <param name="areRooted">Every name begins with a slash, as some programs write them: it says nothing then.</param>
internal sealed class ZipPaths(bool areRooted)
{
    /// <summary>What usual file systems take, bytes of UTF-8.</summary>
    private const int MostBytes = 255, MostPathBytes = 3000;

    /// <summary>Room for " (2)" and the like.</summary>
    private const int Reserve = 8;

    private readonly Dictionary<string, (string Name, ZipRecord Record)> _taken = new(StringComparer.Ordinal);
    private readonly List<DatasetProblem> _findings = [];
    private (int Count, string First) _litter, _shortened, _controls, _copies;

    /// <summary>What was left out or renamed, a line each.</summary>
    public IReadOnlyList<DatasetProblem> Findings =>
    [
        .. _findings,
        .. Line(_litter, "1 file of the operating system or of a tool is left out: “{1}”.",
            "{0} files of the operating system or of tools are left out, such as “{1}”.", "Nothing to do; they are no photos."),
        .. Line(_shortened, "1 name was too long for a disk and is shortened to “{1}”.",
            "{0} names were too long for a disk and are shortened, such as “{1}”.", "Nothing to do; the images are whole."),
        .. Line(_controls, "1 name held a line break or another control character, which became “_”: “{1}”.",
            "{0} names held line breaks or other control characters, which became “_”, such as “{1}”.",
            "Nothing to do; the images are whole."),
        .. Line(_copies, "1 file was in the zip twice, the same both times; it is kept once: “{1}”.",
            "{0} files were in the zip twice, the same both times; each is kept once, such as “{1}”.", "Nothing to do."),
    ];

    /// <returns>Relative to the dataset's folder, with forward slashes; null for what is no file or litter.</returns>
    /// <exception cref="DatasetException">It leads out, or is there twice.</exception>
    public string? Of(ZipRecord record, string name)
    {
        if (record.IsLink)
            throw ZipContents.Bad($"The zip holds a link (“{Printable(name)}”). Make it again with the files themselves: zip without the "
                + "option -y.");
        if (record.IsSpecial)
            throw ZipContents.Bad($"The zip holds “{Printable(name)}”, which is neither a file nor a folder. Make it again without it.");
        // Backslashes count as separators: some Windows programs write them.
        var slashed = name.Replace('\\', '/');
        if (slashed.StartsWith('/') && !areRooted || slashed.Length > 1 && slashed[1] == ':' && char.IsAsciiLetter(slashed[0]))
            throw Unsafe(name, "leads to a fixed place of the disk");
        var parts = slashed.Split('/').Where(part => part is not ("" or ".")).ToArray();
        if (parts.Contains("..")) throw Unsafe(name, "leads out of the dataset's folder");
        if (parts.Length == 0 || record.IsFolder || slashed.EndsWith('/')) return null;
        if (parts.Any(Litter.Is))
        {
            Count(ref _litter, slashed);
            return null;
        }
        var path = string.Join('/', parts.Select(part => Part(part, name)));
        if (Encoding.UTF8.GetByteCount(path) > MostPathBytes)
            throw ZipContents.Bad($"The zip holds folders in folders whose names are too long together for the disk (“{path[..80]}…”). "
                + "Shorten them and make the zip again.");
        return Place(path, slashed, record);
    }

    /// <exception cref="DatasetException">A file lies where another one needs a folder.</exception>
    public void RequireNoFileIsAFolder()
    {
        foreach (var folder in _taken.Keys.Select(ZipContents.Parent).Where(folder => folder.Length > 0).Distinct())
        {
            for (var above = folder; above.Length > 0; above = ZipContents.Parent(above))
                if (_taken.ContainsKey(above))
                    throw ZipContents.Bad($"The zip holds “{above}” as a file and as a folder. Make it again from the folder of images.");
        }
    }

    private string Part(string part, string whole)
    {
        if (part.AsSpan().IndexOfAny(Path.GetInvalidFileNameChars()) >= 0) throw Unsafe(whole, "is a name that no file can have");
        var composed = ClassNames.Compose(part);
        if (composed.Any(char.IsControl))
        {
            composed = string.Concat(composed.Select(letter => char.IsControl(letter) ? '_' : letter));
            Count(ref _controls, composed);
        }
        if (Encoding.UTF8.GetByteCount(composed) <= MostBytes) return composed;
        var shortened = Shortened(composed);
        Count(ref _shortened, shortened);
        return shortened;
    }

    /// <summary>Keeps the beginning and the extension; the checksum keeps names apart that begin alike.</summary>
    private static string Shortened(string name)
    {
        var extension = Path.GetExtension(name) is { Length: < 12 } usual ? usual : "";
        var mark = string.Create(CultureInfo.InvariantCulture, $"~{Crc32.HashToUInt32(Encoding.UTF8.GetBytes(name)):x8}");
        var left = MostBytes - Reserve - mark.Length - Encoding.UTF8.GetByteCount(extension);
        var kept = new StringBuilder();
        foreach (var letter in name[..^extension.Length].EnumerateRunes())
        {
            left -= letter.Utf8SequenceLength;
            if (left < 0) break;
            kept.Append(letter);
        }
        return kept.Append(mark).Append(extension).ToString();
    }

    private string? Place(string path, string name, ZipRecord record)
    {
        if (_taken.TryAdd(path, (name, record))) return path;
        var first = _taken[path];
        if (first.Record.Sum == record.Sum && first.Record.Length == record.Length)
        {
            Count(ref _copies, path);
            return null;
        }
        if (first.Name == name)
            throw ZipContents.Bad($"The zip holds “{path}” twice, and not the same both times. Make it again from the folder of images.");
        var other = Free(path);
        _taken.Add(other, (name, record));
        _findings.Add(new DatasetProblem(ProblemSeverity.Warning, other,
            $"Has the same name as {path}, written with other letters that look alike; both are kept, this one under another name.",
            "Look whether both belong there; delete the one that doesn't."));
        return other;
    }

    private string Free(string path)
    {
        var extension = Path.GetExtension(path);
        for (var number = 2; ; number++)
        {
            var free = string.Create(CultureInfo.InvariantCulture, $"{path[..^extension.Length]} ({number}){extension}");
            if (!_taken.ContainsKey(free)) return free;
        }
    }

    private static DatasetException Unsafe(string name, string why) =>
        ZipContents.Bad($"The zip holds “{Printable(name)}”, which {why}. Nothing was unpacked. Make the zip again from the folder of "
            + "images itself.");

    private static string Printable(string name) => string.Concat(name.Select(letter => char.IsControl(letter) ? '\uFFFD' : letter));

    private static void Count(ref (int Count, string First) what, string example) =>
        what = (what.Count + 1, what.Count == 0 ? Printable(example) : what.First);

    private static IEnumerable<DatasetProblem> Line((int Count, string First) what, string one, string many, string remedy)
    {
        if (what.Count == 0) return [];
        var count = string.Create(CultureInfo.InvariantCulture, $"{what.Count:N0}");
        return [new DatasetProblem(ProblemSeverity.Warning, null,
            string.Format(CultureInfo.InvariantCulture, what.Count == 1 ? one : many, count, what.First), remedy)];
    }
}

using Training.Core.Images;

namespace Training.Core.Data.Folders;

internal enum EntryKind { File, Folder, Link, Litter, Unusable }

/// <summary>One thing that lies in a folder.</summary>
/// <param name="Kind">A link is one to a folder.</param>
/// <param name="Reason">Why it can't be used, as the end of a sentence that starts with its name.</param>
/// <param name="Foreign">It is one of these.</param>
internal readonly record struct FolderEntry(
    string Name, string FullPath, EntryKind Kind, string? Reason = null, string? Remedy = null, ForeignNames? Foreign = null);

/// <summary>
/// The one way to look through folders, for scan, evaluate and predict: regular files only, everything else gets a reason; links are
/// followed once all real folders are read, and never to where the walk was or is. Reads names only.
/// </summary>
internal sealed class FolderWalk
{
    private const string Rights = "Give the user that runs this program the right to read it.";

    private readonly HashSet<string> _seen = [];
    private readonly HashSet<string> _apart = [];
    private readonly FolderFence _fence;

    /// <param name="root">Links to it or to what it lies in lead back.</param>
    /// <param name="fence">What lies outside of it, by a link, isn't read.</param>
    public FolderWalk(string root, FolderFence fence)
    {
        (Root, _fence) = (root, fence);
        for (var above = root; FileStatus.Of(above).Identity is { } identity && _seen.Add(identity);) above += "/..";
        if (FileStatus.Of(root).Identity is { } own) _seen.Remove(own);
    }

    public string Root { get; }

    /// <summary>Whether the folder was not read yet; from now on it counts as read.</summary>
    public bool Enter(string folder) => FileStatus.Of(folder).Identity is not { } identity || _seen.Add(identity);

    /// <summary>Leaves a folder out, without a word, that is read for itself.</summary>
    public void SetApart(string folder)
    {
        if (FileStatus.Of(folder).Identity is not { } identity) return;
        _seen.Add(identity);
        _apart.Add(identity);
    }

    public bool IsApart(string folder) => FileStatus.Of(folder).Identity is { } identity && _apart.Contains(identity);

    /// <summary>What lies in the folder, by ordinal name. Where the folder itself can't be read, that is the entry.</summary>
    public IReadOnlyList<FolderEntry> Read(string folder)
    {
        if (!_fence.LetsThrough(folder))
            return [new FolderEntry(Path.GetFileName(folder), folder, EntryKind.Unusable,
                "is a link that leads out of the folders that this dataset may be read from; it is not followed",
                "Copy the images here, or delete the link.")];
        var entries = new List<FolderEntry>();
        try
        {
            foreach (var item in new DirectoryInfo(folder).EnumerateFileSystemInfos())
                if (Classify(item) is { } entry) entries.Add(entry);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            entries.Add(new FolderEntry(
                Path.GetFileName(folder), folder, EntryKind.Unusable, "is a folder that can't be read", Rights));
        }
        if (entries.Exists(entry => entry.Foreign is not null)) ReadForeign(folder, entries);
        entries.Sort((one, other) => string.CompareOrdinal(one.Name, other.Name));
        return entries;
    }

    /// <summary>
    /// Every entry of the folder and of the folders below, without the folders themselves; one folder's names in memory at a time.
    /// </summary>
    public IEnumerable<FolderEntry> ReadAll(string folder)
    {
        var links = new Queue<FolderEntry>();
        _ = Enter(folder);
        foreach (var entry in Below(folder, litter: false, links)) yield return entry;
        while (links.TryDequeue(out var link))
        {
            if (!Enter(link.FullPath)) yield return LeadsBack(link);
            else foreach (var entry in Below(link.FullPath, litter: false, links)) yield return entry;
        }
    }

    /// <summary>A folder that was read by way of a link before the walk came to it.</summary>
    public static FolderEntry IsReadAlready(FolderEntry folder) => folder with
    {
        Kind = EntryKind.Unusable, Reason = "is read already, by a link that leads there; it counts once", Remedy = "Delete the link.",
    };

    public static FolderEntry LeadsBack(FolderEntry link) => link with
    {
        Kind = EntryKind.Unusable, Remedy = "Delete the link.",
        Reason = "is a link that leads back to a folder that is read already; it is not followed",
    };

    private IEnumerable<FolderEntry> Below(string folder, bool litter, Queue<FolderEntry> links)
    {
        var entries = Read(folder);
        foreach (var entry in entries.Where(entry => entry.Kind is not (EntryKind.Folder or EntryKind.Link) && !IsFolder(entry)))
            yield return litter ? entry with { Kind = EntryKind.Litter } : entry;
        foreach (var entry in entries)
        {
            if (entry.Kind == EntryKind.Link) links.Enqueue(entry);
            if (entry.Kind != EntryKind.Folder && !IsFolder(entry)) continue;
            if (!Enter(entry.FullPath)) yield return IsReadAlready(entry);
            else foreach (var below in Below(entry.FullPath, litter || entry.Kind == EntryKind.Litter, links)) yield return below;
        }
    }

    private static bool IsFolder(FolderEntry entry) =>
        entry.Kind == EntryKind.Litter && new DirectoryInfo(entry.FullPath) is { Exists: true, LinkTarget: null };

    private static FolderEntry? Classify(FileSystemInfo item)
    {
        var (name, path) = (item.Name, item.FullName);
        if (name.Contains('\uFFFD', StringComparison.Ordinal) && !FileStatus.Exists(path))
            return new FolderEntry(name, path, EntryKind.Unusable, Foreign: Unknown);
        if (Litter.Is(name))
            return new FolderEntry(name, path, EntryKind.Litter, "is left behind by the operating system or a program", "Nothing to do.");
        if (item is DirectoryInfo { LinkTarget: null }) return new FolderEntry(name, path, EntryKind.Folder);
        return FileStatus.Of(path).Kind switch
        {
            FileKind.File => new FolderEntry(name, path, EntryKind.File),
            FileKind.Folder => new FolderEntry(name, path, EntryKind.Link),
            FileKind.Missing when item.LinkTarget is null => null, // deleted meanwhile
            FileKind.Missing => Unusable("is a link that leads nowhere", "Mend or delete the link."),
            FileKind.Pipe => Unusable("is a named pipe, not a file", "Delete it, or move it out of the folder."),
            FileKind.Socket => Unusable("is a socket of a program, not a file", "Delete it, or move it out of the folder."),
            FileKind.Device => Unusable("is a device, not a file", "Delete it, or move it out of the folder."),
            _ => Unusable("can't be read", Rights),
        };

        FolderEntry Unusable(string reason, string remedy) => new(name, path, EntryKind.Unusable, reason, remedy);
    }

    private static readonly ForeignNames Unknown = new([], "", "");

    /// <summary>Names that .NET can't open, once more by their bytes.</summary>
    private void ReadForeign(string folder, List<FolderEntry> entries)
    {
        if (ForeignNames.In(folder) is not { } foreign) return;
        entries.RemoveAll(entry => entry.Foreign is not null);
        var reason = $"has a name that is not UTF-8 ({foreign.Encoding}, probably), so it can't be opened";
        var remedy = $"Mend the names with: {foreign.Command(Root)}";
        entries.AddRange(foreign.Names.Select(
            each => new FolderEntry(each.Name, Path.Combine(folder, each.Name), EntryKind.Unusable, reason, remedy, foreign)));
    }
}

using Dashboard.Access.Visitors;
using Dashboard.Datasets.Words;
using Dashboard.Storage;
using Microsoft.Extensions.Options;

namespace Dashboard.Datasets.Imports;

/// <summary>
/// Which folders of this computer a dataset may lie in. Somebody at the computer itself may take any; who comes from elsewhere, admins
/// included, those of the setting Dashboard:DatasetFolders: an account opens the dashboard, not the disk.
/// </summary>
public sealed class AllowedFolders(IOptions<DashboardOptions> options)
{
    public const string Key = DashboardOptions.Section + ":" + nameof(DashboardOptions.DatasetFolders);

    /// <summary>As they stand in the setting.</summary>
    public IReadOnlyList<string> Folders { get; } = Entries(options.Value.DatasetFolders);

    /// <summary>Such as "/data/photos and /mnt/sets"; empty: none.</summary>
    public string Words => FolderWords.List(Folders);

    /// <summary>For datasets that were added from elsewhere. Made anew each time: a disk may be mounted meanwhile.</summary>
    private FolderFence Fence => new([.. Folders.Select(RealPath.Of)]);

    /// <summary>Why the setting can't be used, in words; null when it can.</summary>
    public static string? Problem(string setting)
    {
        foreach (var folder in Entries(setting))
        {
            if (!Path.IsPathFullyQualified(folder)) return FolderWords.EntryNotFull(folder);
            if (!Directory.Exists(folder)) return FolderWords.EntryNotThere(folder);
            if (FolderFence.IsOfTheSystem(RealPath.Of(folder)) || folder == "/")
                return FolderWords.EntryHoldsSystemFiles(folder);
        }
        return null;
    }

    public static bool IsHere(Visitor? visitor) => visitor?.Key == Visitor.ThisComputerKey;

    /// <exception cref="DatasetException">Field "path": it isn't for whoever adds it. It doesn't tell whether there is such a
    /// folder.</exception>
    public void Require(string folder, Visitor? by)
    {
        if (!IsHere(by) && !Fence.LetsThrough(folder))
            throw new DatasetException("path", Folders.Count == 0 ? NoFolders : FolderWords.NotOpen(folder, Words, Key));
        if (FolderFence.IsOfTheSystem(folder) || FolderFence.IsOfTheSystem(RealPath.Of(folder)))
            throw new DatasetException("path", FolderWords.HoldsSystemFiles(folder));
    }

    /// <summary>Where the files of a dataset may lie, whoever asks for them.</summary>
    public FolderFence FenceOf(DatasetRow row)
    {
        ArgumentNullException.ThrowIfNull(row);
        if (row.Owned) return row.Root.Length == 0 ? new([]) : new([RealPath.Of(row.Root)]);
        return row.IsFenced ? Fence : FolderFence.None;
    }

    /// <summary>Why nothing of a dataset is shown or trained on, in words; null: it is open.</summary>
    public string? Closed(DatasetRow row)
    {
        ArgumentNullException.ThrowIfNull(row);
        return row.Owned || !row.IsFenced || Fence.LetsThrough(row.Root) ? null
            : FolderWords.IsClosed(row.Root, Key);
    }

    /// <summary>Whether somebody may know the names of files that are no images.</summary>
    public bool MayName(DatasetRow row, Visitor? visitor)
    {
        ArgumentNullException.ThrowIfNull(row);
        return row.Owned || IsHere(visitor) || Fence.LetsThrough(row.Root);
    }

    internal static string NoFolders => FolderWords.NoneIsOpen(Key);

    private static IReadOnlyList<string> Entries(string setting) =>
        [.. setting.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Select(folder => Path.IsPathFullyQualified(folder) ? Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder)) : folder)];
}

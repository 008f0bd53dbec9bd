using Dashboard.Access.Visitors;
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
    public string Words => Folders.Count < 2 ? string.Concat(Folders) : $"{string.Join(", ", Folders.SkipLast(1))} and {Folders[^1]}";

    /// <summary>For datasets that were added from elsewhere. Made anew each time: a disk may be mounted meanwhile.</summary>
    private FolderFence Fence => new([.. Folders.Select(RealPath.Of)]);

    /// <summary>Why the setting can't be used, in words; null when it can.</summary>
    public static string? Problem(string setting)
    {
        foreach (var folder in Entries(setting))
        {
            if (!Path.IsPathFullyQualified(folder))
                return $"'{folder}' is not a full path. Write it as in /data/photos, and separate several by semicolons.";
            if (!Directory.Exists(folder)) return $"there is no folder {folder}. Make it, mount its disk, or leave it out.";
            if (FolderFence.IsOfTheSystem(RealPath.Of(folder)) || folder == "/")
                return $"{folder} holds the system's own files. Name the folder that holds only images.";
        }
        return null;
    }

    public static bool IsHere(Visitor? visitor) => visitor?.Key == Visitor.ThisComputerKey;

    /// <exception cref="DatasetException">Field "path": it isn't for whoever adds it. It doesn't tell whether there is such a
    /// folder.</exception>
    public void Require(string folder, Visitor? by)
    {
        if (!IsHere(by) && !Fence.LetsThrough(folder))
            throw new DatasetException("path", Folders.Count == 0 ? NoFolders : $"{folder} is not open to other computers. {Remedy}");
        if (FolderFence.IsOfTheSystem(folder) || FolderFence.IsOfTheSystem(RealPath.Of(folder)))
            throw new DatasetException("path",
                $"{folder} holds the system's own files, no images. Choose the folder that holds only the images.");
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
            : $"{row.Root} was added from another computer, and is not one of the folders that are open to them. Its images stay as they "
                + $"are, but are not shown, and no run can start on them. An admin can add the folder to the setting {Key}, and somebody "
                + "at the dashboard's own computer can open this dataset here.";
    }

    /// <summary>Whether somebody may know the names of files that are no images.</summary>
    public bool MayName(DatasetRow row, Visitor? visitor)
    {
        ArgumentNullException.ThrowIfNull(row);
        return row.Owned || IsHere(visitor) || Fence.LetsThrough(row.Root);
    }

    internal const string NoFolders =
        $"Folders of the dashboard's computer can be added at that computer itself only, until an admin names some in the setting {Key}. "
            + "Upload a zip of the images instead.";

    private string Remedy => $"Choose one in {Words} (setting {Key}), or upload a zip of the images.";

    private static IReadOnlyList<string> Entries(string setting) =>
        [.. setting.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Select(folder => Path.IsPathFullyQualified(folder) ? Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder)) : folder)];
}

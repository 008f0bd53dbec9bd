namespace Training.Core.Data.Folders;

/// <summary>An archive often holds everything in one folder of its own, beside a README or a table: that folder is not a class.</summary>
internal static class Wrapper
{
    /// <summary>The folder inside that holds splits or classes; the same one when it does so itself.</summary>
    /// <param name="beside">Told of each folder that was passed and the one inside.</param>
    public static FolderNode Open(FolderNode folder, Action<FolderNode, FolderNode>? beside = null)
    {
        while (Inner(folder) is { } inner)
        {
            beside?.Invoke(folder, inner);
            folder = inner;
        }
        return folder;
    }

    private static FolderNode? Inner(FolderNode folder)
    {
        if (folder.OwnImages > 0 || folder.ImageFolders is not [var only] || only.OwnImages > 0 || !LeadsToSeveral(only)) return null;
        // Only a folder of folders that are splits can be called as one and be none.
        if (SplitNames.Of(only.Name) is not null && !(only.ImageFolders.Count > 1 && LayoutDetector.IsSplitInside(only))) return null;
        // An empty folder beside it may be a class that has no image yet; one with code or labels is none.
        return folder.Folders.TrueForAll(other => other == only || other.AllFiles > 0) || SplitNames.IsContainer(only.Name) ? only : null;
    }

    private static bool LeadsToSeveral(FolderNode folder) => folder.OwnImages == 0 && folder.ImageFolders.Count > 0
        && (folder.Folders.Count > 1 || SplitNames.Of(folder.Folders[0].Name) is not null || LeadsToSeveral(folder.Folders[0]));
}

namespace Training.Core.Data.Folders;

/// <summary>
/// What operating systems, file servers and tools leave in folders and zips: thumbnails, waste bins, settings. Never photos that somebody
/// put there, whatever lies in it. The one list for folders and zips.
/// </summary>
public static class Litter
{
    private static readonly HashSet<string> Names = new(StringComparer.OrdinalIgnoreCase)
    {
        // macOS and AppleShare; a folder's own icon is called "Icon" and a carriage return.
        "__MACOSX", "Icon\r", "Network Trash Folder", "Temporary Items", "TheVolumeSettingsFolder", "Desktop DB", "Desktop DF",
        // Windows
        "Thumbs.db", "ehthumbs.db", "ehthumbs_vista.db", "desktop.ini", "$RECYCLE.BIN", "RECYCLER", "RECYCLED", "System Volume Information",
        "WPSettings.dat", "IndexerVolumeGuid",
        // file servers: Synology, QNAP
        "@eaDir", "#recycle", "#snapshot", "@tmp", "@Recycle", "@Recently-Snapshot",
        // file systems and programs
        "lost+found", "Picasa.ini", "ZbThumbnail.info", "pspbrwse.jbf", "sync.ffs_db", "__pycache__",
    };

    /// <summary>Streams of Windows and Synology that copying made into files of their own beside the photo's.</summary>
    private static readonly string[] Endings = [":Zone.Identifier", ":encryptable", "@SynoResource", "@SynoEAStream", ".ffs_lock"];

    /// <param name="name">Of a file or folder: one part of a path.</param>
    public static bool Is(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return name.StartsWith('.') || name.StartsWith("~$", StringComparison.Ordinal) || Names.Contains(name)
            || Endings.Any(ending => name.EndsWith(ending, StringComparison.OrdinalIgnoreCase)) || IsFoundByCheckDisk(name);
    }

    /// <summary>FOUND.000, where CHKDSK puts what it found.</summary>
    private static bool IsFoundByCheckDisk(string name) =>
        name.Length == 9 && name.StartsWith("FOUND.", StringComparison.OrdinalIgnoreCase)
        && name.AsSpan(6).IndexOfAnyExceptInRange('0', '9') < 0;
}

namespace Training.Core.Runs;

/// <summary>Room on a disk, asked of the system each time.</summary>
public static class DiskRoom
{
    /// <summary>Bytes free for this account where a file or folder lies, or would lie; null when the system doesn't tell.</summary>
    public static long? FreeAt(string path)
    {
        try
        {
            var existing = Path.GetFullPath(path);
            while (!Directory.Exists(existing) && Path.GetDirectoryName(existing) is { } above) existing = above;
            return new DriveInfo(existing).AvailableFreeSpace;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return null;
        }
    }

    /// <summary>Before something of known size is written or fetched.</summary>
    /// <exception cref="NoSpaceException">It doesn't fit.</exception>
    public static void Require(string what, string path, long bytes)
    {
        if (FreeAt(path) is { } free && free < bytes) throw new NoSpaceException(what, path, bytes, free);
    }
}

/// <summary>A file that the disk has no room for, and how much it needs. Counts as a full disk (<see cref="FullDisk.Is"/>).</summary>
public sealed class NoSpaceException : IOException
{
    /// <param name="what">As people know it, such as "best_model.pth".</param>
    /// <param name="path">Where it was to lie.</param>
    /// <param name="free">At that moment; null: unknown.</param>
    public NoSpaceException(string what, string path, long needed, long? free, Exception? inner = null)
        : base(Words(what, path, needed, free), inner)
    {
        (Location, Needed, Free) = (path, needed, free);
        HResult = FullDisk.NoSpace;
    }

    public string Location { get; }

    /// <summary>Bytes of the whole file.</summary>
    public long Needed { get; }

    public long? Free { get; }

    private static string Words(string what, string path, long needed, long? free)
    {
        var folder = Path.GetDirectoryName(Path.GetFullPath(path));
        return free switch
        {
            null => $"there is no space for {what}, which needs {ByteSize.Text(needed)} in {folder}",
            // Reserved blocks, a quota, or no room for one more file, however small.
            { } enough when enough >= needed =>
                $"there is no space for {what}, which needs {ByteSize.Text(needed)} in {folder}: {ByteSize.Text(enough)} are free, but "
                    + "not for this account (a quota, say)",
            { } few => $"there is no space for {what}, which needs {ByteSize.Text(needed)}: {ByteSize.Text(few)} are free in {folder}",
        };
    }
}

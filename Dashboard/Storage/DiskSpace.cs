namespace Dashboard.Storage;

/// <summary>Room on a disk, read from the system each time.</summary>
public static class DiskSpace
{
    /// <summary>Less is as good as none: a checkpoint or a database's log no longer fits.</summary>
    public const long Least = 16L << 20;

    /// <summary>Bytes free where a folder lies; null when the system doesn't tell.</summary>
    public static long? FreeAt(string folder)
    {
        try
        {
            return new DriveInfo(folder).AvailableFreeSpace;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return null;
        }
    }
}

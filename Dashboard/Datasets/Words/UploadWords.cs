using Training.Core.Runs;

namespace Dashboard.Datasets.Words;

/// <summary>What people read of the upload of a zip; what is wrong within one, its reader says.</summary>
internal static class UploadWords
{
    public const string NoBoundary = "The upload has no multipart boundary. Send name and file as multipart/form-data.";

    public const string NoFile = "There is no file in the upload. Send the zip as the form field “file”.";

    public const string CutOff = "The upload was cut off before its end. Upload the zip again.";

    public const string Damaged = "The zip is damaged. Make it again, or copy it again, and upload that.";

    private const int MostShown = 40;

    public static string EncodingUnknown(string typed, IEnumerable<string> known) =>
        $"“{(typed.Length > MostShown ? typed[..MostShown] + "…" : typed)}” is no encoding of names that is known here. Known are "
            + $"{string.Join(", ", known)}, and other code pages by number, such as cp737.";

    /// <param name="bytes">Of the upload.</param>
    /// <param name="free">Bytes.</param>
    public static string NoRoom(long bytes, long free) =>
        $"The upload has {ByteSize.Text(bytes)}, but only {ByteSize.Text(free)} are free on the disk of the data root. Free some space, or "
            + "unpack it elsewhere and add the folder by its path.";

    /// <param name="most">Bytes.</param>
    public static string TooLarge(long most) =>
        $"The zip is larger than {ByteSize.Text(most)}. Raise Dashboard:MaxUploadBytes, or unpack it on the computer that runs the "
            + "dashboard and add the folder by its path.";

    /// <param name="why">In a sentence.</param>
    public static string ZipIsKept(string why) => $"{why} The zip is kept: scan it again once there is room.";

    /// <param name="bytes">Of the files in the zip.</param>
    /// <param name="free">Bytes.</param>
    public static string DiskIsFull(string? folder, long bytes, long free) =>
        $"The disk that holds {folder} is full: the zip unpacks to {ByteSize.Text(bytes)}, and {ByteSize.Text(free)} are free. Free some "
            + "space.";

    /// <param name="why">In a sentence.</param>
    public static string NothingWasKept(string why) => $"{why} Nothing of the upload was kept; upload it again.";
}

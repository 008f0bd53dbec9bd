using System.Globalization;

namespace Dashboard.Storage.Files;

/// <summary>
/// A file that only one at a time has open, of all threads and all processes of this computer: the system's own lock, which whoever dies
/// gives up.
/// </summary>
internal static class HeldFile
{
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(50);

    /// <summary>
    /// What the system says of a file that somebody else holds: EWOULDBLOCK of Linux and macOS, a sharing violation of Windows.
    /// </summary>
    private static readonly int[] Held = [11, 35, unchecked((int)0x80070020)];

    /// <summary>Opens it, empty if it isn't there, as soon as nobody else has it.</summary>
    /// <param name="waits">Called once when somebody has it.</param>
    public static async Task<FileStream> OpenAsync(
        string path, TimeProvider time, CancellationToken cancellationToken, Action? waits = null)
    {
        while (true)
        {
            if (TryOpen(path) is { } file) return file;
            waits?.Invoke();
            waits = null;
            await Task.Delay(Look, time, cancellationToken);
        }
    }

    /// <returns>Null: somebody has it.</returns>
    public static FileStream? TryOpen(string path)
    {
        try
        {
            var file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            if (HasName(file, path)) return file;
            file.Dispose();
            return null;
        }
        catch (IOException e) when (Held.Contains(e.HResult))
        {
            return null;
        }
    }

    /// <summary>
    /// Whoever had it may have renamed or removed it between our opening it and our getting it: then it is not this file any more.
    /// </summary>
    internal static bool HasName(FileStream file, string path)
    {
        if (!OperatingSystem.IsLinux()) return true;
        var link = new FileInfo(string.Create(CultureInfo.InvariantCulture, $"/proc/self/fd/{file.SafeFileHandle.DangerousGetHandle()}"));
        return link.LinkTarget is { } target && Path.GetFileName(target) == Path.GetFileName(path);
    }
}

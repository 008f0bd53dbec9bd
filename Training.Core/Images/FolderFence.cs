using Microsoft.Win32.SafeHandles;

namespace Training.Core.Images;

/// <summary>
/// Where a dataset's files may lie, links followed. What counts is the file that was opened, not the path that it was asked for by: a link
/// that is swapped in between leads nowhere.
/// </summary>
/// <param name="Folders">Real paths; null: anywhere but in the system's own folders, in which nobody's images are.</param>
public sealed record FolderFence(IReadOnlyList<string>? Folders)
{
    private const string MemoryDisk = "/dev/shm";

    private static readonly string[] OfTheSystem = ["/proc", "/sys", "/dev"];

    public static FolderFence None { get; } = new(Folders: null);

    /// <summary>
    /// Whether a path lies in the folders in which the system shows itself as files; its disk in memory is a disk like others.
    /// </summary>
    public static bool IsOfTheSystem(string path) =>
        Array.Exists(OfTheSystem, folder => IsWithin(path, folder)) && !IsWithin(path, MemoryDisk);

    /// <param name="realPath">As <see cref="RealPath.Of"/> has it.</param>
    public bool Holds(string realPath) =>
        !IsOfTheSystem(realPath) && (Folders is null || Folders.Any(folder => IsWithin(realPath, folder)));

    /// <summary>Whether what lies behind a path may be read now.</summary>
    public bool LetsThrough(string path)
    {
        try
        {
            return Holds(RealPath.Of(path));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    /// <summary>Opens a file for reading.</summary>
    /// <exception cref="OutsideFenceException">It lies outside.</exception>
    /// <exception cref="IOException">Gone or unreadable; <see cref="UnauthorizedAccessException"/> without the right to read.</exception>
    public SafeFileHandle Open(string path, FileOptions options = FileOptions.None)
    {
        // Elsewhere there is no name of an open file to be had; the links are followed first there.
        var way = OperatingSystem.IsLinux() ? path : RealPath.Of(path);
        var handle = File.OpenHandle(way, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, options);
        try
        {
            if (!Holds(NameOf(handle) ?? way)) throw new OutsideFenceException();
            return handle;
        }
        catch
        {
            handle.Dispose();
            throw;
        }
    }

    private static string? NameOf(SafeFileHandle handle) =>
        OperatingSystem.IsLinux()
        ? new FileInfo(FormattableString.Invariant($"/proc/self/fd/{handle.DangerousGetHandle()}")).LinkTarget : null;

    private static bool IsWithin(string path, string folder) =>
        path.StartsWith(folder, StringComparison.Ordinal)
        && (path.Length == folder.Length || Path.EndsInDirectorySeparator(folder) || path[folder.Length] == Path.DirectorySeparatorChar);
}

/// <summary>A file lies outside of the folders that its dataset may be read from.</summary>
public sealed class OutsideFenceException()
    : UnauthorizedAccessException("it lies, by a link, outside of the folders that this dataset may be read from");

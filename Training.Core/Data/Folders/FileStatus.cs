using System.Runtime.InteropServices;

namespace Training.Core.Data.Folders;

internal enum FileKind { File, Folder, Pipe, Socket, Device, Missing, Unreadable }

/// <summary>What lies at a path, links followed, found out without opening it: opening a pipe waits for ever.</summary>
/// <param name="Identity">The same for all ways to one folder: links, mounts, dots. Null where nothing lies.</param>
internal readonly partial record struct FileStatus(FileKind Kind, string? Identity)
{
    private const int CurrentFolder = -100, NoFollow = 0x100, NoAutomount = 0x800, TypeAndNumber = 0x101;
    private const int NotPermitted = 1, AccessDenied = 13;
    private const int TypeMask = 0xF000, Folder = 0x4000, Regular = 0x8000, Pipe = 0x1000, Socket = 0xC000;

    public static FileStatus Of(string path)
    {
        if (!OperatingSystem.IsLinux()) return Portable(path);
        if (Statx(CurrentFolder, path, NoAutomount, TypeAndNumber, out var found) != 0)
            return new FileStatus(Marshal.GetLastPInvokeError() is NotPermitted or AccessDenied ? FileKind.Unreadable : FileKind.Missing,
                null);
        var kind = (found.Mode & TypeMask) switch
        {
            Regular => FileKind.File,
            Folder => FileKind.Folder,
            Pipe => FileKind.Pipe,
            Socket => FileKind.Socket,
            _ => FileKind.Device,
        };
        return new FileStatus(kind, FormattableString.Invariant($"{found.DeviceMajor}:{found.DeviceMinor}:{found.Number}"));
    }

    /// <summary>Whether there is something of this name, be it a link that leads nowhere.</summary>
    public static bool Exists(string path) =>
        OperatingSystem.IsLinux() ? Statx(CurrentFolder, path, NoFollow | NoAutomount, TypeAndNumber, out _) == 0 : Path.Exists(path);

    private static FileStatus Portable(string path)
    {
        if (File.Exists(path)) return new FileStatus(FileKind.File, path);
        if (!Directory.Exists(path)) return new FileStatus(FileKind.Missing, null);
        var real = new DirectoryInfo(path).ResolveLinkTarget(returnFinalTarget: true)?.FullName ?? path;
        return new FileStatus(FileKind.Folder, Path.TrimEndingDirectorySeparator(Path.GetFullPath(real)));
    }

    [LibraryImport("libc", EntryPoint = "statx", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Statx(int folder, string path, int flags, uint mask, out StatxResult result);

    /// <summary>linux/stat.h, struct statx: the same on every architecture.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 256)]
    private struct StatxResult
    {
        [FieldOffset(28)] public ushort Mode;
        [FieldOffset(32)] public ulong Number;
        [FieldOffset(136)] public uint DeviceMajor;
        [FieldOffset(140)] public uint DeviceMinor;
    }
}

using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using Dashboard.Storage.Words;
using Microsoft.Win32.SafeHandles;

namespace Dashboard.Storage.Files;

/// <summary>
/// Which file or folder a path leads to, as the system counts them: another one under the same name has another identity.
/// </summary>
/// <param name="Device">The file system; a disk that was mounted anew may have another number.</param>
internal readonly record struct FileIdentity(ulong Device, ulong Inode)
{
    private const int LinuxHere = -100, ExclusiveNow = 2 | 4, SharedNow = 1 | 4, CloseOnExec = 0x80000, WouldBlock = 11;
    private const uint Basics = 0x7ff;

    /// <summary>Null: there is nothing at the path, or this system doesn't tell.</summary>
    public static FileIdentity? Of(string path)
    {
        if (!OperatingSystem.IsLinux()) return null;
        // struct statx, whose layout is the same on every processor; 32: the inode, 136: the device.
        var answer = new byte[256];
        return StatX(LinuxHere, Encoding.UTF8.GetBytes(path + '\0'), 0, Basics, answer) == 0
            ? new(BitConverter.ToUInt64(answer, 136), BitConverter.ToUInt64(answer, 32))
            : null;
    }

    /// <summary>Locks a folder itself: no file of it whose deletion would give it free.</summary>
    /// <param name="isTaken">Somebody else holds it.</param>
    /// <returns>Held until it is disposed or the process ends; null also where folders can't be locked, such as on NFS.</returns>
    public static SafeFileHandle? LockFolder(string folder, bool shared, out bool isTaken)
    {
        isTaken = false;
        if (!OperatingSystem.IsLinux()) return null;
        // Not inherited: a trainer outlives its dashboard.
        var handle = new SafeFileHandle(OpenFile(Encoding.UTF8.GetBytes(folder + '\0'), CloseOnExec), ownsHandle: true);
        if (!handle.IsInvalid && FLock(handle, shared ? SharedNow : ExclusiveNow) == 0) return handle;
        isTaken = !handle.IsInvalid && Marshal.GetLastPInvokeError() == WouldBlock;
        handle.Dispose();
        return null;
    }

    /// <summary>Which process holds a lock on a file or folder, in words such as "process 1234, since 2026-03-01 12:00:00Z".</summary>
    public static string HolderOf(string path)
    {
        try
        {
            if (Of(path) is not { } file) return StorageWords.AnotherProcess;
            // "1: FLOCK  ADVISORY  WRITE 1234 fd:00:5678 0 EOF"
            var holder = File.ReadLines("/proc/locks").Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
                .FirstOrDefault(parts =>
                    parts is [_, "FLOCK", _, _, _, var place, ..] && place.EndsWith($":{file.Inode}", StringComparison.Ordinal));
            if (holder is null || !int.TryParse(holder[4], NumberStyles.None, CultureInfo.InvariantCulture, out var id))
                return StorageWords.AnotherProcess;
            using var process = Process.GetProcessById(id);
            return StorageWords.Process(id, process.StartTime);
        }
        catch (Exception e) when (
            e is IOException or UnauthorizedAccessException or ArgumentException or InvalidOperationException or Win32Exception)
        {
            return StorageWords.AnotherProcess;
        }
    }

    [DllImport("libc", EntryPoint = "statx", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int StatX(int folder, byte[] path, int flags, uint mask, [Out] byte[] answer);

    [DllImport("libc", EntryPoint = "open", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int OpenFile(byte[] path, int flags);

    [DllImport("libc", EntryPoint = "flock", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int FLock(SafeFileHandle file, int operation);
}

using Microsoft.Win32.SafeHandles;

namespace Training.Core.Images;

/// <summary>What tells, without reading it, that a file is still the one it was: its size, and when it was written and made.</summary>
/// <param name="Written">UTC ticks.</param>
/// <param name="Made">UTC ticks; another one where a file of the same age was put in its place.</param>
internal readonly record struct FileStamp(long Length, long Written, long Made)
{
    public static FileStamp Of(SafeFileHandle handle) =>
        new(RandomAccess.GetLength(handle), File.GetLastWriteTimeUtc(handle).Ticks, File.GetCreationTimeUtc(handle).Ticks);
}

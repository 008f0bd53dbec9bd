using System.Globalization;

namespace Dashboard.Trainers;

/// <summary>How often the system has ended a process for lack of memory since it started: tells a memory death from a murder.</summary>
internal static class OutOfMemoryCount
{
    private const string Key = "oom_kill ";

    /// <summary>Of the control group first, whose limit is what counts in a container; null when the system doesn't tell.</summary>
    public static long? Read() => ReadFrom("/sys/fs/cgroup/memory.events") ?? ReadFrom("/proc/vmstat");

    /// <summary>Whether it has happened since an earlier count; null when either is unknown.</summary>
    public static bool? HasRisenSince(long? before) => Read() is { } now && before is { } then ? now > then : null;

    private static long? ReadFrom(string path)
    {
        try
        {
            var line = File.ReadLines(path).FirstOrDefault(line => line.StartsWith(Key, StringComparison.Ordinal));
            return line is not null && long.TryParse(line.AsSpan(Key.Length), CultureInfo.InvariantCulture, out var count) ? count : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}

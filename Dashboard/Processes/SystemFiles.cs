using System.Globalization;
using System.Runtime.InteropServices;

namespace Dashboard.Processes;

/// <summary>What Linux tells of itself in small text files. Whatever a system doesn't tell is null, never a guess.</summary>
internal static class SystemFiles
{
    /// <summary>CPU time since boot, over all cores, in clock ticks.</summary>
    public static CpuTime? ReadCpu() => Read("/proc/stat") is { } text ? ParseCpu(text) : null;

    /// <summary>Used and total bytes: a container's limit where it is smaller than the machine.</summary>
    public static (long Used, long Total)? ReadMemory()
    {
        var machine = Read("/proc/meminfo") is { } text ? ParseMemory(text) : null;
        var limit = Number(Read("/sys/fs/cgroup/memory.max"));
        var current = Number(Read("/sys/fs/cgroup/memory.current"));
        if (limit is not { } total || current is not { } used || machine is { } whole && whole.Total <= total) return machine;
        // File pages that nobody touched lately are given back when memory is short.
        var cache = Read("/sys/fs/cgroup/memory.stat") is { } stat ? Field(stat, "inactive_file ") : null;
        return (Math.Max(0, used - (cache ?? 0)), total);
    }

    /// <summary>Such as "AMD Ryzen 9 7950X 16-Core Processor"; the architecture where the processor doesn't name itself.</summary>
    public static string ReadProcessor() =>
        (Read("/proc/cpuinfo") is { } text ? ParseProcessor(text) : null) ?? RuntimeInformation.ProcessArchitecture.ToString();

    /// <summary>Such as "Debian GNU/Linux 12 (bookworm)".</summary>
    public static string ReadSystem() =>
        (Read("/etc/os-release") is { } text ? ParseSystem(text) : null) ?? RuntimeInformation.OSDescription;

    internal static CpuTime? ParseCpu(string stat)
    {
        var first = stat.Split('\n')[0].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (first.Length < 5 || first[0] != "cpu") return null;
        // user nice system idle iowait irq softirq steal; guest time is in user already.
        var ticks = first.Skip(1).Take(8).Select(field => long.Parse(field, CultureInfo.InvariantCulture)).ToArray();
        var total = ticks.Sum();
        return new CpuTime(total - ticks[3] - (ticks.Length > 4 ? ticks[4] : 0), total);
    }

    internal static (long Used, long Total)? ParseMemory(string meminfo) =>
        Field(meminfo, "MemTotal:") is { } total && Field(meminfo, "MemAvailable:") is { } available
            ? ((total - available) * 1024, total * 1024)
            : null;

    internal static string? ParseProcessor(string cpuinfo) => Value(cpuinfo, "model name", ':');

    internal static string? ParseSystem(string release) => Value(release, "PRETTY_NAME", '=')?.Trim('"');

    private static string? Value(string text, string name, char separator) =>
        text.Split('\n').FirstOrDefault(line => line.StartsWith(name, StringComparison.Ordinal)) is { } found
            && found.IndexOf(separator, StringComparison.Ordinal) is var at and >= 0
            && found[(at + 1)..].Trim() is { Length: > 0 } value ? value : null;

    private static long? Field(string text, string name) =>
        text.Split('\n').FirstOrDefault(line => line.StartsWith(name, StringComparison.Ordinal)) is { } found
            ? Number(found[name.Length..].Replace("kB", "", StringComparison.Ordinal))
            : null;

    private static long? Number(string? text) => long.TryParse(text, CultureInfo.InvariantCulture, out var number) ? number : null;

    private static string? Read(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}

/// <param name="Busy">Clock ticks in which a core did something.</param>
internal readonly record struct CpuTime(long Busy, long Total)
{
    /// <summary>Load between an earlier reading and this one, 0–1; null when no time has passed.</summary>
    public double? LoadSince(CpuTime earlier) =>
        Total > earlier.Total ? Math.Clamp((double)(Busy - earlier.Busy) / (Total - earlier.Total), 0, 1) : null;
}

using System.Globalization;

namespace Dashboard.Terminal.Benchmarks;

/// <summary>What a process and all that it started cost, from /proc; nothing where there is none.</summary>
internal static class ProcessTree
{
    private const int ClockTicks = 100;

    public static TimeSpan Busy(int processId)
    {
        if (!Directory.Exists("/proc")) return TimeSpan.Zero;
        var all = new Dictionary<int, (int Parent, long Ticks)>();
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
            if (int.TryParse(Path.GetFileName(folder), CultureInfo.InvariantCulture, out var id) && Read(folder) is { } process)
                all[id] = process;
        return TimeSpan.FromSeconds(all.Keys.Where(Belongs).Sum(id => all[id].Ticks) / (double)ClockTicks);

        bool Belongs(int id) => id == processId || all.TryGetValue(id, out var process) && process.Parent > 1 && Belongs(process.Parent);
    }

    /// <summary>Fields 4, 14 and 15 of proc(5)'s stat, which follow the name in brackets; null when the process is gone.</summary>
    private static (int Parent, long Ticks)? Read(string folder)
    {
        try
        {
            var stat = File.ReadAllText(Path.Combine(folder, "stat"));
            var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
            return (int.Parse(fields[1], CultureInfo.InvariantCulture),
                long.Parse(fields[11], CultureInfo.InvariantCulture) + long.Parse(fields[12], CultureInfo.InvariantCulture));
        }
        catch (IOException)
        {
            return null;
        }
    }
}

using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;

namespace Dashboard.Processes;

/// <summary>Names one process for ever: the system gives a process id out again, but never with the same start time.</summary>
/// <param name="Start">Clock ticks since boot (field 22 of /proc/PID/stat); 0 when the process was gone before it could be read.</param>
internal readonly record struct ProcessIdentity(int Id, long Start)
{
    public const int SigKill = 9;
    public const int SigTerm = 15;

    /// <summary>Null when there is no such process.</summary>
    public static ProcessIdentity? Of(int id) => ReadStat(id) is { } stat ? new ProcessIdentity(id, stat.Start) : null;

    /// <summary>A zombie counts as dead: where nobody collects a dead orphan, it keeps its entry for ever.</summary>
    public bool IsAlive => ReadStat(Id) is { } stat && stat.Start == Start && stat.State is not ('Z' or 'X');

    /// <summary>Sends a signal unless the process is gone; never hits a later process with the same id.</summary>
    public void Signal(int signal)
    {
        if (IsAlive) _ = SendSignal(Id, signal);
    }

    /// <summary>The arguments of a process, the executable first; empty when it is gone or belongs to somebody else.</summary>
    public static string[] Arguments(int id)
    {
        try
        {
            return File.ReadAllText($"/proc/{id.ToString(CultureInfo.InvariantCulture)}/cmdline").TrimEnd('\0').Split('\0');
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    /// <summary>The first living process whose arguments satisfy <paramref name="matches"/>.</summary>
    public static ProcessIdentity? Find(Predicate<string[]> matches)
    {
        foreach (var process in Process.GetProcesses())
        {
            using (process)
            {
                if (matches(Arguments(process.Id)) && Of(process.Id) is { IsAlive: true } found) return found;
            }
        }
        return null;
    }

    /// <summary>State and start time out of a line of /proc/PID/stat; the name in it may hold spaces and parentheses.</summary>
    internal static (char State, long Start)? ParseStat(string line)
    {
        var fields = line[(line.LastIndexOf(')') + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        // Field 3 (the state) is the first one after the name, so field 22 is the twentieth.
        return fields.Length > 19 && long.TryParse(fields[19], CultureInfo.InvariantCulture, out var start)
            ? (fields[0][0], start)
            : null;
    }

    private static (char State, long Start)? ReadStat(int id)
    {
        try
        {
            return ParseStat(File.ReadAllText($"/proc/{id.ToString(CultureInfo.InvariantCulture)}/stat"));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    [DllImport("libc", EntryPoint = "kill", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int SendSignal(int id, int signal);
}

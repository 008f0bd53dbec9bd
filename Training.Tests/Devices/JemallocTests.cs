using System.Diagnostics;
using Dashboard.Processes;
using Training.Core.Devices;

namespace Training.Tests.Devices;

public sealed class JemallocTests
{
    [SkippableFact]
    public void Environment_KnowsOnlySettingsThatJemallocTakes()
    {
        Skip.If(Jemalloc.Environment.Count == 0, "This system has no jemalloc.");

        Assert.Equal("", Complaints(Jemalloc.Environment["MALLOC_CONF"]));
        Assert.Contains("Invalid conf", Complaints("no_such_setting:1"), StringComparison.Ordinal);
    }

    [SkippableFact]
    public void Start_OfAVerb_HasJemallocAsItsAllocator()
    {
        Skip.If(Jemalloc.Environment.Count == 0, "This system has no jemalloc.");
        var start = OwnExecutable.Start("train", []);
        (start.FileName, start.RedirectStandardOutput) = ("/bin/cat", true);
        start.ArgumentList.Clear();
        start.ArgumentList.Add("/proc/self/maps");

        using var process = Process.Start(start)!;

        Assert.Contains("libjemalloc", process.StandardOutput.ReadToEnd(), StringComparison.Ordinal);
    }

    /// <summary>What jemalloc prints about its settings when a program starts.</summary>
    private static string Complaints(string settings)
    {
        var start = new ProcessStartInfo("/bin/true") { UseShellExecute = false, RedirectStandardError = true };
        start.Environment["LD_PRELOAD"] = Jemalloc.Environment["LD_PRELOAD"];
        start.Environment["MALLOC_CONF"] = settings;
        using var process = Process.Start(start)!;
        return process.StandardError.ReadToEnd();
    }
}

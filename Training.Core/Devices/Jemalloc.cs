using System.Runtime.InteropServices;

namespace Training.Core.Devices;

/// <summary>
/// jemalloc, where the system has it, as the allocator of a process that trains. A step's blocks of up to hundreds of megabytes are freed
/// in another order than they are made. glibc either maps each of them anew, and the kernel fills it with zeros first (in fp32 a tenth of a
/// step), or breaks its heap up around them (half as much memory again). jemalloc hands them out again as they are.
/// </summary>
public static class Jemalloc
{
    private const string FileName = "libjemalloc.so.2";

    // Beside the program, as run.sh leaves it; where Debian and Ubuntu, Fedora, Arch and one's own build put it.
    private static readonly string[] Folders = [AppContext.BaseDirectory, "/usr/lib/x86_64-linux-gnu", "/usr/lib64", "/usr/lib",
        "/usr/local/lib"];

    /// <summary>
    /// One arena, so that what one thread frees another gets; large blocks in it too and cut as needed; nothing goes back to the system.
    /// </summary>
    private const string Settings = "narenas:1,oversize_threshold:0,lg_extent_max_active_fit:10,dirty_decay_ms:-1,muzzy_decay_ms:-1";

    private static readonly Lazy<bool> Loaded = new(() =>
        OperatingSystem.IsLinux() && NativeLibrary.TryGetExport(NativeLibrary.GetMainProgramHandle(), "mallctl", out _));

    /// <summary>Whether this process was started with it.</summary>
    public static bool IsLoaded => Loaded.Value;

    /// <summary>What starts a process with it; empty where the system doesn't have it.</summary>
    public static IReadOnlyDictionary<string, string> Environment { get; } = Find() is { } library
        ? new Dictionary<string, string> { ["LD_PRELOAD"] = library, ["MALLOC_CONF"] = Settings }
        : [];

    private static string? Find() => OperatingSystem.IsLinux() && RuntimeInformation.ProcessArchitecture == Architecture.X64
        ? Folders.Select(folder => Path.Combine(folder, FileName)).FirstOrDefault(File.Exists)
        : null;
}

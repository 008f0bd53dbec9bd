using System.Diagnostics;
using System.Runtime.InteropServices;
using Training.Core.Devices;
using Training.Core.Devices.Kernels;
using Jemalloc = Training.Core.Devices.Jemalloc;

namespace Dashboard.Processes;

/// <summary>How this program starts itself again with another verb.</summary>
internal static class OwnExecutable
{
    private const string Name = "Dashboard";

    /// <summary>The file to run and the arguments that come before the verb.</summary>
    public static (string File, IReadOnlyList<string> Arguments) Find()
    {
        var host = Environment.ProcessPath;
        if (host is not null && Path.GetFileNameWithoutExtension(host) == Name) return (host, []);
        // Under `dotnet Dashboard.dll`, and under a test host, the process is dotnet or something that isn't us.
        var dotnet = host is not null && Path.GetFileNameWithoutExtension(host) == "dotnet" ? host : "dotnet";
        return (dotnet, ["exec", Path.Combine(AppContext.BaseDirectory, Name + ".dll")]);
    }

    /// <summary>
    /// A start of this program with a verb; the server's garbage collector is left out, it would cost a child memory for nothing.
    /// </summary>
    /// <param name="kernels">False: it computes without our own kernels; true: as this process's environment says.</param>
    public static ProcessStartInfo Start(string verb, IEnumerable<string> arguments, bool kernels = true)
    {
        var (file, before) = Find();
        var start = new ProcessStartInfo(file) { UseShellExecute = false, WorkingDirectory = AppContext.BaseDirectory };
        foreach (var argument in (string[])[.. before, verb, .. arguments]) start.ArgumentList.Add(argument);
        start.Environment["DOTNET_gcServer"] = "0";
        if (!kernels) start.Environment[KernelSwitch.Variable] = KernelSwitch.Off;
        foreach (var (name, value) in TensorAllocation.Environment.Concat(Jemalloc.Environment)) start.Environment.TryAdd(name, value);
        return start;
    }

    /// <summary>
    /// Ends this process as it stands. A usual exit tears the native libraries down under a thread that still computes: that crashes.
    /// </summary>
    [DllImport("libc", EntryPoint = "_exit")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    public static extern void Leave(int exitCode);
}

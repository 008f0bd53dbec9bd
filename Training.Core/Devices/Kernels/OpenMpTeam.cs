using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Training.Core.Devices.Kernels;

/// <summary>
/// The threads that libtorch itself computes with. By hand: libtorch lends them to nobody, and threads of our own would fight them for the
/// cores, as they spin for milliseconds after each operator, waiting for the next. Every kernel of this folder computes here and nowhere
/// else.
/// </summary>
internal static unsafe class OpenMpTeam
{
    /// <summary>
    /// <c>GOMP_parallel(work, state, threads, flags)</c> of GCC's OpenMP runtime: what its compiler makes of a parallel region.
    /// </summary>
    private static readonly Lazy<nint> Parallel = new(Find);

    /// <summary>Whether libtorch is loaded here, computes with GCC's OpenMP, as on Linux, and nobody forbade it.</summary>
    public static bool IsAvailable => !KernelSwitch.IsOff && Parallel.Value != 0;

    /// <summary>
    /// Does parts 0 … <paramref name="parts"/> - 1, each once, on that many threads if the team has them; returns when all are done.
    /// </summary>
    /// <param name="work">Called with the state and the part; must not throw.</param>
    /// <exception cref="NotSupportedException">There is no such team, see <see cref="IsAvailable"/>.</exception>
    public static void Run(int parts, delegate*<void*, int, void> work, void* state)
    {
        if (!IsAvailable)
            throw new NotSupportedException($"libtorch is not loaded, computes without GCC's OpenMP, or {KernelSwitch.Variable} is off.");
        var shares = new Shares { Work = work, State = state, Parts = parts };
        ((delegate* unmanaged<delegate* unmanaged<Shares*, void>, Shares*, uint, uint, void>)Parallel.Value)(&Take, &shares, (uint)parts,
            0);
    }

    // A team may be smaller than asked for: its threads take parts until none is left.
    [UnmanagedCallersOnly]
    private static void Take(Shares* shares)
    {
        for (int part; (part = Interlocked.Increment(ref shares->Taken) - 1) < shares->Parts;) shares->Work(shares->State, part);
    }

    private static nint Find()
    {
        using var process = Process.GetCurrentProcess();
        var libraries = process.Modules.Cast<ProcessModule>().Select(module => module.FileName).ToList();
        // libtorch's package brings its own copy, named libgomp-<hash>.so.1; others in the process may use the system's.
        var folder = Path.GetDirectoryName(
            libraries.Find(path => Path.GetFileName(path).StartsWith("libtorch_cpu", StringComparison.Ordinal)));
        var name = libraries.Where(path => Path.GetFileName(path).StartsWith("libgomp", StringComparison.Ordinal))
            .OrderByDescending(path => Path.GetDirectoryName(path) == folder).FirstOrDefault();
        return folder is not null && name is not null && NativeLibrary.TryLoad(name, out var library)
            && NativeLibrary.TryGetExport(library, "GOMP_parallel", out var export) ? export : 0;
    }

    private struct Shares
    {
        public delegate*<void*, int, void> Work;
        public void* State;
        public int Parts;
        public int Taken;
    }
}

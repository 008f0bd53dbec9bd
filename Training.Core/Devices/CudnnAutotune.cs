using System.Runtime.InteropServices;

namespace Training.Core.Devices;

/// <summary>
/// torch.backends.cudnn.benchmark, which TorchSharp doesn't show: cuDNN then tries its algorithms once for each shape of a layer and takes
/// the fastest. Reached by the names under which libtorch's own library exports the switch.
/// </summary>
internal static unsafe class CudnnAutotune
{
    private const string Library = "libtorch_cpu.so";
    private const string GlobalContext = "_ZN2at13globalContextEv";
    private const string Set = "_ZN2at7Context17setBenchmarkCuDNNEb";
    private const string Get = "_ZNK2at7Context14benchmarkCuDNNEv";

    /// <summary>Null where the switch can't be reached: another system than Linux, or another libtorch.</summary>
    public static bool? IsOn => Find(Get, out var context, out var get) ? ((delegate* unmanaged<nint, byte>)get)(context) != 0 : null;

    /// <returns>Whether the switch could be reached.</returns>
    public static bool TryTurn(bool on)
    {
        if (!Find(Set, out var context, out var set)) return false;
        ((delegate* unmanaged<nint, byte, void>)set)(context, on ? (byte)1 : (byte)0);
        return true;
    }

    private static bool Find(string name, out nint context, out nint function)
    {
        context = function = 0;
        if (!OperatingSystem.IsLinux()) return false;
        // TorchSharp has loaded it: that one is found by its name, wherever it came from.
        if (!NativeLibrary.TryLoad(Library, out var library) || !NativeLibrary.TryGetExport(library, name, out function)
            || !NativeLibrary.TryGetExport(library, GlobalContext, out var global)) return false;
        context = ((delegate* unmanaged<nint>)global)();
        return true;
    }
}

using Training.Core.Runs;
using static TorchSharp.torch;

namespace Training.Core.Devices;

/// <summary>Where a run computes and in which precision.</summary>
/// <param name="Device">The device that tensors live on.</param>
/// <param name="Images">Element type of images and activations; weights are float32 masters in any case.</param>
public sealed record ComputeDevice(Device Device, ScalarType Images)
{
    public bool IsCpu => Device.type == TorchSharp.DeviceType.CPU;

    /// <summary>Such as "cpu" or "cuda:0".</summary>
    public string Name => IsCpu ? "cpu" : $"cuda:{Math.Max(0, Device.index)}";

    public string Precision => Images == ScalarType.BFloat16 ? "bf16, channels last" : "fp32, channels last";

    /// <summary>The first GPU if libtorch sees one, otherwise the CPU.</summary>
    /// <remarks>
    /// Auto decides by the processor's instructions and not by a trial: a trial under load could choose differently the next
    /// time, and the same seed on the same machine has to give the same numbers.
    /// </remarks>
    public static ComputeDevice Choose(PrecisionKind precision)
    {
        NativeMemory.KeepFreed();
        var device = cuda.is_available() ? CUDA : CPU;
        var bf16 = precision switch
        {
            PrecisionKind.Bf16 => true,
            PrecisionKind.Fp32 => false,
            _ => device.type == TorchSharp.DeviceType.CUDA || ProcessorComputesBf16(),
        };
        return new ComputeDevice(device, bf16 ? ScalarType.BFloat16 : ScalarType.Float32);
    }

    // Without these instructions bf16 is emulated and slower than fp32.
    private static bool ProcessorComputesBf16()
    {
        const string processors = "/proc/cpuinfo";
        if (!File.Exists(processors)) return false;
        var flags = File.ReadLines(processors).FirstOrDefault(line => line.StartsWith("flags", StringComparison.Ordinal)) ?? "";
        return flags.Split(' ').Any(flag => flag is "avx512_bf16" or "amx_bf16");
    }
}

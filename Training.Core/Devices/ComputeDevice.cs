using static TorchSharp.torch;

namespace Training.Core.Devices;

/// <summary>Where a run computes and in which precision.</summary>
/// <param name="Device">The device that tensors live on.</param>
/// <param name="Images">Element type of images and activations; weights are float32 masters in any case.</param>
public sealed record ComputeDevice(Device Device, ScalarType Images)
{
    // Blocks from here on are mapped on their own. That leaves the activations of 56 x 56 and more out of the kept memory, in
    // fp32 for a seventh of the speed and a third of the memory, in bf16 for less of both (ResNet-18, 224 px, batch 64).
    private const int MappedFromBf16 = 24 << 20;
    private const int MappedFromFp32 = 8 << 20;

    public bool IsCpu => Device.type == TorchSharp.DeviceType.CPU;

    /// <summary>Such as "cpu" or "cuda:0".</summary>
    public string Name => IsCpu ? "cpu" : $"cuda:{Math.Max(0, Device.index)}";

    /// <summary>What was chosen, never <see cref="PrecisionKind.Auto"/>.</summary>
    public PrecisionKind Kind { get; init; } = Images == ScalarType.BFloat16 ? PrecisionKind.Bf16 : PrecisionKind.Fp32;

    public string Precision => $"{Kind.ToString().ToLowerInvariant()}, channels last";

    /// <summary>Why this precision, in words, such as "2.1 times as fast as fp32 in a trial".</summary>
    public string Why { get; init; } = "as the recipe says";

    /// <summary>The first GPU if libtorch sees one, otherwise the CPU.</summary>
    /// <param name="precision">Auto decides by a trial on the device.</param>
    /// <param name="cacheFolder">
    /// Keeps what the trial found, so that the same seed on the same machine gives the same numbers even if another trial, under load,
    /// would choose differently. Null: a trial each time.
    /// </param>
    public static ComputeDevice Choose(PrecisionKind precision, string? cacheFolder = null)
    {
        TensorAllocation.KeepFreed();
        var device = cuda.is_available() ? CUDA : CPU;
        if (device.type != TorchSharp.DeviceType.CPU) CudnnAutotune.TryTurn(on: true);
        var why = "as the recipe says";
        if (precision == PrecisionKind.Auto) (precision, why) = PrecisionTrial.Decide(device, cacheFolder);
        TensorAllocation.MapFrom(precision == PrecisionKind.Bf16 ? MappedFromBf16 : MappedFromFp32);
        // A switch of the whole process: fp32 in the recipe means all of its bits.
        backends.cuda.matmul.allow_tf32 = backends.cudnn.allow_tf32 = precision != PrecisionKind.Fp32;
        return new ComputeDevice(device, precision == PrecisionKind.Bf16 ? ScalarType.BFloat16 : ScalarType.Float32) { Kind = precision,
            Why = why };
    }
}

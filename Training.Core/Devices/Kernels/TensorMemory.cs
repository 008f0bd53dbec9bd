using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace Training.Core.Devices.Kernels;

internal static class TensorMemory
{
    /// <summary>The first byte of a contiguous tensor on the CPU; valid while the tensor is.</summary>
    public static unsafe byte* First(this Tensor tensor) => (byte*)Unsafe.AsPointer(ref MemoryMarshal.GetReference(tensor.bytes));

    /// <summary>The first byte of images (n, channels, h, w) on the CPU that are laid out channels-last; valid while they are.</summary>
    public static unsafe byte* FirstPixel(this Tensor images)
    {
        using var pixels = images.permute(0, 2, 3, 1);
        return pixels.First();
    }

    /// <summary>Whether images (n, channels, h, w) are laid out channels-last, without gaps.</summary>
    public static bool IsChannelsLast(this Tensor images)
    {
        using var pixels = images.permute(0, 2, 3, 1);
        return pixels.is_contiguous();
    }

    /// <summary>The same images, laid out channels-last; copies if they are not.</summary>
    public static Tensor ChannelsLast(this Tensor images) => images.permute(0, 2, 3, 1).contiguous().permute(0, 3, 1, 2);
}

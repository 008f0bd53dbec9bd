using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace Training.Core.Kernels;

internal static class TensorMemory
{
    /// <summary>The first byte of a contiguous tensor on the CPU; valid while the tensor is.</summary>
    public static unsafe byte* First(this Tensor tensor) => (byte*)Unsafe.AsPointer(ref MemoryMarshal.GetReference(tensor.bytes));
}

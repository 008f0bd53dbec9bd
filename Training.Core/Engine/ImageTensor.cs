using Training.Core.Backbones;
using Training.Core.Data;
using Training.Core.Devices;

using static TorchSharp.torch;

namespace Training.Core.Engine;

/// <summary>Decoded bytes to what a backbone takes.</summary>
internal static class ImageTensor
{
    /// <summary>Images (n, 3, size, size), normalised, channels-last, in the device's precision. Lives in the caller's dispose scope.</summary>
    public static Tensor Of(Batch batch, int size, ComputeDevice device)
    {
        using var scope = NewDisposeScope();
        var shape = new long[] { batch.Count, size, size, 3 };
        // No copy: the loader's buffer stays valid until the next batch, and everything below makes new memory.
        var bytes = frombuffer(batch.Rgb, ScalarType.Byte, (long)batch.Count * size * size * 3).view(shape);
        var images = bytes.to(device.Device).to(ScalarType.Float32);
        var mean = tensor([.. Normalisation.Mean.Select(value => value * 255)], device: device.Device);
        var deviation = tensor([.. Normalisation.Deviation.Select(value => value * 255)], device: device.Device);
        // Bytes lie rows first with the colours together: permuted, that is channels-last without moving anything.
        return images.sub_(mean).div_(deviation).to(device.Images).permute(0, 3, 1, 2).MoveToOuterDisposeScope();
    }

    /// <summary>Class indices (n), int64.</summary>
    public static Tensor Labels(IReadOnlyList<Sample> samples, ComputeDevice device) =>
        tensor([.. samples.Select(sample => (long)sample.Label)], device: device.Device);
}

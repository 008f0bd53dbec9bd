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
        // No copy: the loader's buffer stays valid until the next batch, and everything below makes new memory.
        var bytes = frombuffer(batch.Rgb, ScalarType.Byte, (long)batch.Count * size * size * 3).view((long)batch.Count * size, size * 3);
        // From pinned memory the copy goes on beside what the device computes; libtorch keeps that memory and uses it again.
        var there = device.IsCpu ? bytes : bytes.pin_memory().to(device.Device, non_blocking: true);
        var rows = there.to(ScalarType.Float32);
        // By whole rows: over the three colours alone libtorch goes pixel by pixel, which takes ten times as long.
        rows.sub_(Row(Normalisation.Mean, size, device)).div_(Row(Normalisation.Deviation, size, device));
        // Bytes lie rows first with the colours together: permuted, that is channels-last without moving anything.
        return rows.to(device.Images).view(batch.Count, size, size, 3).permute(0, 3, 1, 2).MoveToOuterDisposeScope();
    }

    /// <summary>Class indices (n), int64.</summary>
    public static Tensor Labels(IReadOnlyList<Sample> samples, ComputeDevice device) =>
        tensor([.. samples.Select(sample => (long)sample.Label)], device: device.Device);

    /// <summary>The three colours of a pixel, 0–255, for each pixel of a row.</summary>
    private static Tensor Row(IReadOnlyList<float> colours, int size, ComputeDevice device) =>
        tensor([.. Enumerable.Range(0, size * 3).Select(at => colours[at % 3] * 255)], device: device.Device);
}

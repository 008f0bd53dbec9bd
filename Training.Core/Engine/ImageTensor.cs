using System.Runtime.InteropServices;
using Training.Core.Backbones;
using Training.Core.Data;
using Training.Core.Devices;

using static TorchSharp.torch;

namespace Training.Core.Engine;

/// <summary>Decoded bytes to what a backbone takes.</summary>
internal static class ImageTensor
{
    private static readonly Lazy<float[]> InFloat32 = new(() => Table(ScalarType.Float32).data<float>().ToArray());

    /// <summary>The bits of the numbers.</summary>
    private static readonly Lazy<short[]> InBFloat16 = new(() =>
        MemoryMarshal.Cast<byte, short>(Table(ScalarType.BFloat16).bytes).ToArray());

    /// <summary>
    /// Images (n, 3, size, size), normalised, channels-last, in the device's precision. Lives in the caller's dispose scope.
    /// </summary>
    public static Tensor Of(Batch batch, int size, ComputeDevice device)
    {
        using var scope = NewDisposeScope();
        var images = device.IsCpu ? LookUp(batch, size, device.Images) : Compute(batch, size, device);
        // Bytes lie rows first with the colours together: permuted, that is channels-last without moving anything.
        return images.view(batch.Count, size, size, 3).permute(0, 3, 1, 2).MoveToOuterDisposeScope();
    }

    /// <summary>Class indices (n), int64.</summary>
    public static Tensor Labels(IReadOnlyList<Sample> samples, ComputeDevice device) =>
        tensor([.. samples.Select(sample => (long)sample.Label)], device: device.Device);

    /// <summary>
    /// There are only 256 numbers a colour: looked up in one pass over the bytes, without the memory of steps in between.
    /// </summary>
    private static Tensor LookUp(Batch batch, int size, ScalarType type)
    {
        var bytes = batch.Rgb.AsSpan(0, batch.Count * size * size * 3);
        var images = empty(bytes.Length, type);
        if (type == ScalarType.BFloat16) LookUp(bytes, InBFloat16.Value, MemoryMarshal.Cast<byte, short>(images.bytes));
        else LookUp(bytes, InFloat32.Value, MemoryMarshal.Cast<byte, float>(images.bytes));
        return images;
    }

    private static void LookUp<T>(ReadOnlySpan<byte> bytes, T[] table, Span<T> numbers)
    {
        ReadOnlySpan<T> red = table.AsSpan(0, 256), green = table.AsSpan(256, 256), blue = table.AsSpan(512, 256);
        for (var at = 0; at + 2 < bytes.Length && at + 2 < numbers.Length; at += 3)
        {
            numbers[at] = red[bytes[at]];
            numbers[at + 1] = green[bytes[at + 1]];
            numbers[at + 2] = blue[bytes[at + 2]];
        }
    }

    /// <summary>What each byte becomes, by colour: (768).</summary>
    private static Tensor Table(ScalarType type)
    {
        var bytes = arange(256, dtype: ScalarType.Float32).unsqueeze(1).repeat(1, 3);
        return Normalise(bytes, 1, new ComputeDevice(CPU, type)).t().contiguous().view(-1);
    }

    private static Tensor Compute(Batch batch, int size, ComputeDevice device)
    {
        // No copy: the loader's buffer stays valid until the next batch, and everything below makes new memory.
        var bytes = frombuffer(batch.Rgb, ScalarType.Byte, (long)batch.Count * size * size * 3).view((long)batch.Count * size, size * 3);
        // From pinned memory the copy goes on beside what the device computes; libtorch keeps that memory and uses it again.
        return Normalise(bytes.pin_memory().to(device.Device, non_blocking: true).to(ScalarType.Float32), size, device);
    }

    /// <param name="rows">(rows, 3 x size), 0–255; overwritten.</param>
    private static Tensor Normalise(Tensor rows, int size, ComputeDevice device) =>
        // By whole rows: over the three colours alone libtorch goes pixel by pixel, which takes ten times as long.
        rows.sub_(Row(Normalisation.Mean, size, device)).div_(Row(Normalisation.Deviation, size, device)).to(device.Images);

    /// <summary>The three colours of a pixel, 0–255, for each pixel of a row.</summary>
    private static Tensor Row(IReadOnlyList<float> colours, int size, ComputeDevice device) =>
        tensor([.. Enumerable.Range(0, size * 3).Select(at => colours[at % 3] * 255)], device: device.Device);
}

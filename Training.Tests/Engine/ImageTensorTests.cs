using Training.Core.Backbones;
using Training.Core.Data;
using Training.Core.Devices;
using Training.Core.Engine;
using Training.Tests.TestKit;
using static TorchSharp.torch;

namespace Training.Tests.Engine;

[Collection(GlobalTorchState.Name)]
public sealed class ImageTensorTests
{
    [Theory]
    [InlineData(ScalarType.Float32)]
    [InlineData(ScalarType.BFloat16)]
    public void Of_EveryByte_IsWhatTorchvisionsTransformMakesOfIt(ScalarType type)
    {
        using var scope = NewDisposeScope();
        // 16 x 16 pixels: every byte once in each colour. The buffer is longer than the batch, as the last one of an epoch is.
        var rgb = Enumerable.Range(0, 2 * 256 * 3).Select(at => (byte)(at / 3 * (at % 3 * 2 + 1))).ToArray();
        var batch = new Batch(rgb, [new Sample(0, "a.png", 0, Split.Train)]);

        var images = ImageTensor.Of(batch, 16, new ComputeDevice(CPU, type));

        var bytes = tensor([.. rgb[..768].Select(value => (float)value)]).view(1, 16, 16, 3).permute(0, 3, 1, 2);
        var mean = tensor([.. Normalisation.Mean]).view(1, 3, 1, 1);
        var deviation = tensor([.. Normalisation.Deviation]).view(1, 3, 1, 1);
        var expected = (bytes / 255 - mean) / deviation;
        Assert.Equal([1, 3, 16, 16], images.shape);
        Assert.Equal(type, images.dtype);
        Assert.Equal([768, 1, 48, 3], images.stride());
        Assert.True((images.to(ScalarType.Float32) - expected).abs().max().item<float>() <= (type == ScalarType.Float32 ? 1e-6 : 0.008));
    }
}

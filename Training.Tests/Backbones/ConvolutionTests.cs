using TorchSharp;
using Training.Core.Backbones;
using Training.Tests.TestKit;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace Training.Tests.Backbones;

/// <summary>
/// Our layer in float32 and both layouts against PyTorch's convolution in float64, which takes another way than the fast kernels:
/// these were wrong for 256 to 512 channels and crashed for 512 to 1,024 on some machines.
/// </summary>
[Collection(GlobalTorchState.Name)]
public sealed class ConvolutionTests : IDisposable
{
    private readonly DisposeScope _scope = NewDisposeScope();

    [Theory]
    [InlineData(64, 128, 1, 2, 1, false)]
    [InlineData(256, 512, 1, 2, 1, true)]
    [InlineData(256, 512, 1, 2, 1, false)]
    [InlineData(512, 1024, 1, 2, 1, true)]
    [InlineData(512, 128, 1, 1, 1, true)]
    [InlineData(64, 64, 3, 1, 1, true)]
    [InlineData(256, 512, 3, 2, 1, true)]
    [InlineData(256, 512, 3, 2, 1, false)]
    [InlineData(128, 128, 3, 2, 32, true)]
    [InlineData(96, 96, 3, 1, 96, true)]
    [InlineData(72, 72, 5, 2, 72, true)]
    [InlineData(672, 672, 5, 1, 672, true)]
    [InlineData(240, 240, 3, 2, 240, false)]
    public void Convolution_InFloat32_EqualsFloat64(int inputs, int outputs, int kernel, int stride, int groups, bool channelsLast)
    {
        using var layer = new Convolution(inputs, outputs, kernel, stride, groups);
        var weight = layer.parameters().Single();
        var images = randn(2, inputs, 14, 14);
        if (channelsLast) images = images.permute(0, 2, 3, 1).contiguous().permute(0, 3, 1, 2);
        images.requires_grad_();
        var exactImages = images.detach().to(ScalarType.Float64).requires_grad_();
        var exactWeight = weight.detach().to(ScalarType.Float64).requires_grad_();

        var actual = layer.call(images);
        var expected = F.conv2d(exactImages, exactWeight, null, [stride, stride], [kernel / 2, kernel / 2], null, groups);
        actual.pow(2).sum().backward();
        expected.pow(2).sum().backward();

        AssertClose(expected, actual);
        AssertClose(exactImages.grad!, images.grad!);
        AssertClose(exactWeight.grad!, weight.grad!);
    }

    public void Dispose() => _scope.Dispose();

    private static void AssertClose(Tensor expected, Tensor actual)
    {
        Assert.Equal(expected.shape, actual.shape);
        Assert.InRange(((actual - expected).norm() / expected.norm()).item<double>(), 0, 1e-5);
    }
}

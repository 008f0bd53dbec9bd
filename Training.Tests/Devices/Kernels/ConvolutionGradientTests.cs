using TorchSharp;
using Training.Core.Devices.Kernels;
using Training.Tests.TestKit;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace Training.Tests.Devices.Kernels;

[Collection(GlobalTorchState.Name)]
public sealed class ConvolutionGradientTests : IDisposable
{
    private readonly DisposeScope _scope = NewDisposeScope();

    public ConvolutionGradientTests() => manual_seed(1);

    [SkippableTheory]
    [InlineData(8, 4, 1, 1, 1, 1, 1)]
    [InlineData(8, 4, 2, 1, 2, 3, 2)]
    [InlineData(64, 64, 14, 9, 1, 5, 2)]
    [InlineData(64, 64, 57, 56, 2, 3, 2)]
    [InlineData(24, 36, 7, 15, 2, 2, 3)]
    [InlineData(128, 512, 7, 7, 1, 7, 4)]
    [InlineData(256, 260, 5, 8, 1, 2, 6)]
    [InlineData(16, 384, 4, 300, 1, 2, 3)]
    [InlineData(40, 8, 3, 3, 1, 9, 16)]
    public void Of_AnyShapeAndNumberOfThreads_EqualsFloat64(
        int inputs, int outputs, int height, int width, int stride, int images, int threads)
    {
        Skip.IfNot(WeightGradientKernel.IsSupported, "This processor has no AVX2, or libtorch no OpenMP of GCC.");
        var input = ChannelsLast(images, inputs, height, width);
        var exactInput = input.to(ScalarType.Float64);
        var exactWeight = randn(outputs, inputs, 3, 3, ScalarType.Float64).requires_grad_();
        var output = F.conv2d(exactInput, exactWeight, null, [stride, stride], [1, 1]);
        var gradient = ChannelsLast([.. output.shape.Select(size => (int)size)]);
        output.backward([gradient.to(ScalarType.Float64)]);

        var actual = ConvolutionGradient.Of(input, gradient, stride, threads);
        var again = ConvolutionGradient.Of(input, gradient, stride, threads);

        AssertClose(exactWeight.grad!, actual);
        Assert.True(Same(actual, again));
    }

    [SkippableTheory]
    [InlineData(1, true)]
    [InlineData(2, true)]
    [InlineData(1, false)]
    public void Convolve_InATraining_GivesWhatLibtorchGives(int stride, bool inputHasGradient)
    {
        Skip.IfNot(WeightGradientKernel.IsSupported, "This processor has no AVX2, or libtorch no OpenMP of GCC.");
        var input = ChannelsLast(3, 64, 14, 14);
        var weight = randn(32, 3, 3, 64).permute(0, 3, 1, 2);
        Tensor input1 = input.clone().requires_grad_(inputHasGradient), weight1 = weight.clone().requires_grad_();
        Tensor input2 = input.clone().requires_grad_(inputHasGradient), weight2 = weight.clone().requires_grad_();

        var expected = F.conv2d(input1, weight1, null, [stride, stride], [1, 1]);
        var actual = ConvolutionGradient.Convolve(input2, weight2, stride);
        // Twice: the second adds to the first.
        for (var i = 0; i < 2; i++)
        {
            F.conv2d(input1, weight1, null, [stride, stride], [1, 1]).pow(2).sum().backward();
            ConvolutionGradient.Convolve(input2, weight2, stride).pow(2).sum().backward();
        }

        Assert.True(Same(expected, actual));
        Assert.Equal(expected.stride(), actual.stride());
        AssertClose(weight1.grad!, weight2.grad!);
        Assert.Equal(weight2.stride(), weight2.grad!.stride());
        Assert.Equal(inputHasGradient, input2.grad is not null);
        if (inputHasGradient) Assert.True(Same(input1.grad!, input2.grad!));
    }

    [SkippableFact]
    public void Convolve_OverManySteps_LeavesNoTensorBehind()
    {
        Skip.IfNot(WeightGradientKernel.IsSupported, "This processor has no AVX2, or libtorch no OpenMP of GCC.");
        var input = ChannelsLast(2, 16, 8, 8).requires_grad_();
        using var weight = randn(16, 16, 3, 3).requires_grad_();
        void Step()
        {
            using var scope = NewDisposeScope();
            var hidden = ConvolutionGradient.Convolve(ConvolutionGradient.Convolve(input, weight, 1), weight, 2);
            hidden.sum().backward();
        }
        Step();
        var before = LiveTensors;

        for (var i = 0; i < 50; i++) Step();

        Assert.Equal(before, LiveTensors);
    }

    [Fact]
    public void IsFaster_OnlyWhereItApplies()
    {
        var input = ChannelsLast(2, 16, 32, 32);
        using var weight = randn(16, 16, 3, 3).requires_grad_();

        Assert.Equal(ConvolutionGradient.IsFasterHere, ConvolutionGradient.IsFaster(input, weight, 2, 1));
        Assert.False(ConvolutionGradient.IsFaster(input.to(ScalarType.BFloat16), weight, 1, 1));
        Assert.False(ConvolutionGradient.IsFaster(input, weight.detach(), 1, 1));
        Assert.False(ConvolutionGradient.IsFaster(input, weight, 1, 2));
        Assert.False(ConvolutionGradient.IsFaster(input, randn(16, 16, 1, 1).requires_grad_(), 1, 1));
        Assert.False(ConvolutionGradient.IsFaster(input, randn(16, 12, 3, 3).requires_grad_(), 1, 1));
        Assert.False(ConvolutionGradient.IsFaster(ChannelsLast(1, 16, 8, 8), weight, 1, 1));
        using (no_grad()) Assert.False(ConvolutionGradient.IsFaster(input, weight, 1, 1));
    }

    public void Dispose() => _scope.Dispose();

    private static long LiveTensors => DisposeScopeManager.Statistics.ThreadTotalLiveCount;

    private static Tensor ChannelsLast(params int[] shape) => randn(shape[0], shape[2], shape[3], shape[1]).permute(0, 3, 1, 2);

    private static bool Same(Tensor expected, Tensor actual) => (expected == actual).all().item<bool>();

    private static void AssertClose(Tensor expected, Tensor actual)
    {
        Assert.Equal(expected.shape, actual.shape);
        Assert.InRange(((actual - expected).norm() / expected.norm()).to(ScalarType.Float64).item<double>(), 0, 1e-6);
    }
}

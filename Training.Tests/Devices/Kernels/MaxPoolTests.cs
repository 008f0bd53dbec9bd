using TorchSharp;
using Training.Core.Devices.Kernels;
using Training.Tests.TestKit;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace Training.Tests.Devices.Kernels;

[Collection(GlobalTorchState.Name)]
public sealed class MaxPoolTests : IDisposable
{
    private readonly DisposeScope _scope = NewDisposeScope();

    public MaxPoolTests() => manual_seed(1);

    [SkippableTheory]
    [InlineData(2, 64, 16, 16)]
    [InlineData(3, 32, 7, 10)]
    [InlineData(1, 32, 1, 1)]
    [InlineData(1, 96, 2, 1)]
    [InlineData(5, 32, 3, 33)]
    public void WithRelu_InFloat32_GivesWhatLibtorchGivesBitForBit(int images, int channels, int height, int width)
    {
        // Few whole numbers: windows with equal ones, and with none above zero.
        var numbers = randint(-4, 3, [images, height, width, channels], ScalarType.Float32).permute(0, 3, 1, 2);
        var (expected, expectedGradient) = Pool(numbers, Libtorch, ScalarType.Float32);

        var (actual, gradient) = Pool(numbers, Ours, ScalarType.Float32);

        Assert.True(Same(expected, actual));
        Assert.True(Same(expectedGradient, gradient));
        Assert.True(actual.permute(0, 2, 3, 1).is_contiguous());
    }

    [SkippableFact]
    public void WithRelu_InBFloat16_RoundsSumsOfGradientsOnce()
    {
        var numbers = randn(4, 15, 15, 64).permute(0, 3, 1, 2).to(ScalarType.BFloat16);
        var (expected, exact) = Pool(numbers.to(ScalarType.Float32), Libtorch, ScalarType.BFloat16);

        var (actual, gradient) = Pool(numbers, Ours, ScalarType.BFloat16);

        Assert.True(Same(expected.to(ScalarType.BFloat16), actual));
        Assert.True(Same(exact.to(ScalarType.BFloat16), gradient));
    }

    [SkippableTheory]
    [InlineData(ScalarType.Float32)]
    [InlineData(ScalarType.BFloat16)]
    public void WithRelu_OfWhatIsNoNumber_IsNoNumber(ScalarType type)
    {
        var numbers = randn(1, 8, 8, 32).permute(0, 3, 1, 2).to(type);
        using (no_grad()) numbers[0, 5, 3, 4] = double.NaN;
        var expected = Libtorch(numbers);

        var (actual, gradient) = Pool(numbers, Ours, type);

        Assert.True(expected.isnan().any().item<bool>());
        Assert.True(Same(expected.isnan(), actual.isnan()));
        Assert.Equal(0, gradient[0, 4].isnan().sum().item<long>());
    }

    [SkippableFact]
    public void WithRelu_WithoutGradients_GivesTheSame()
    {
        var numbers = randn(2, 9, 9, 32).permute(0, 3, 1, 2);

        using var noGradient = no_grad();

        Assert.True(Same(Libtorch(numbers), Ours(numbers)));
    }

    [SkippableFact]
    public void WithRelu_OverManySteps_LeavesNoTensorBehind()
    {
        var numbers = randn(2, 9, 9, 32).permute(0, 3, 1, 2).requires_grad_();
        void Step()
        {
            using var scope = NewDisposeScope();
            Ours(numbers).sum().backward();
        }
        Step();
        var before = LiveTensors;

        for (var i = 0; i < 50; i++) Step();

        Assert.Equal(before, LiveTensors);
    }

    [Fact]
    public void Covers_OtherLayoutsTypesAndChannels_IsFalse()
    {
        Assert.False(MaxPool.Covers(randn(2, 32, 8, 8)));
        Assert.False(MaxPool.Covers(randn(2, 8, 8, 24).permute(0, 3, 1, 2)));
        Assert.False(MaxPool.Covers(randn(2, 8, 8, 32).permute(0, 3, 1, 2).to(ScalarType.Float64)));
    }

    public void Dispose() => _scope.Dispose();

    private static long LiveTensors => DisposeScopeManager.Statistics.ThreadTotalLiveCount;

    private static Tensor Libtorch(Tensor images) => F.relu(F.max_pool2d(images, [3, 3], [2, 2], [1, 1]));

    private static Tensor Ours(Tensor images)
    {
        Skip.IfNot(MaxPool.Covers(images), "libtorch has no OpenMP of GCC here.");
        return MaxPool.WithRelu(images);
    }

    /// <param name="type">That the gradient of the result is rounded to.</param>
    private static (Tensor Pooled, Tensor Gradient) Pool(Tensor images, Func<Tensor, Tensor> pool, ScalarType type)
    {
        var leaf = images.detach().clone().requires_grad_();
        var pooled = pool(leaf);
        manual_seed(2);
        pooled.backward([randn(pooled.shape).to(type).to(pooled.dtype)]);
        return (pooled, leaf.grad!);
    }

    private static bool Same(Tensor expected, Tensor actual) => (expected == actual).all().item<bool>();
}

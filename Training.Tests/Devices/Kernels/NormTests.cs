using TorchSharp;
using Training.Core.Devices.Kernels;
using Training.Tests.TestKit;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace Training.Tests.Devices.Kernels;

[Collection(GlobalTorchState.Name)]
public sealed class NormTests : IDisposable
{
    private const double Epsilon = 1e-5;
    private const double Momentum = 0.1;

    private readonly DisposeScope _scope = NewDisposeScope();

    public NormTests() => manual_seed(1);

    [SkippableTheory]
    [InlineData(4, 64, 14, 14, true, true, true)]
    [InlineData(4, 64, 14, 14, true, true, false)]
    [InlineData(3, 96, 7, 5, false, true, true)]
    [InlineData(3, 96, 7, 5, false, true, false)]
    [InlineData(2, 32, 1, 1, false, false, true)]
    [InlineData(1, 512, 9, 7, false, false, false)]
    [InlineData(40, 32, 5, 13, true, true, true)]
    public void Apply_InFloat32_GivesWhatLibtorchGivesInFloat64(
        int images, int channels, int height, int width, bool shortcut, bool relu, bool training)
    {
        var inputs = Inputs.Random(images, channels, height, width, shortcut);

        var expected = inputs.As(ScalarType.Float64).Run(Libtorch, relu, training);
        var actual = inputs.Run(Ours, relu, training);

        AssertClose(expected, actual, relative: 1e-4, absolute: 2e-5);
    }

    [SkippableTheory]
    [InlineData(true)]
    [InlineData(false)]
    public void Apply_InBFloat16_IsFloat32sRoundedOnce(bool training)
    {
        var inputs = Inputs.Random(6, 64, 10, 10, shortcut: true).As(ScalarType.Float32, images: ScalarType.BFloat16);
        var exact = inputs.As(ScalarType.Float64).Run(Libtorch, relu: true, training);

        var actual = inputs.Run(Ours, relu: true, training);

        // A bfloat16 has eight binary digits; a number between two of them may go either way.
        AssertClose(exact, actual, relative: 1.0 / 256, absolute: 1e-3);
        Assert.Equal(ScalarType.BFloat16, actual[0].Values.dtype);
        Assert.Equal(ScalarType.Float32, actual.Single(output => output.Name == "weight").Values.dtype);
    }

    [SkippableFact]
    public void Apply_OfNumbersFarFromZero_KeepsTheirVariance()
    {
        var images = (randn(8, 6, 6, 32) * 0.5 + 1000).permute(0, 3, 1, 2);
        var state = State.Fresh(32);

        var result = Apply(images, state, training: true);

        Assert.InRange(result.std().item<float>(), 0.99, 1.01);
        var exact = images.to(ScalarType.Float64).var([0L, 2, 3], unbiased: true).to(ScalarType.Float32);
        Assert.True(allclose(exact * Momentum + (1 - Momentum), state.Variance, rtol: 1e-4));
    }

    [SkippableTheory]
    [InlineData(ScalarType.Float32)]
    [InlineData(ScalarType.BFloat16)]
    public void Apply_OfWhatIsNoNumber_IsNoNumberInItsChannelOnly(ScalarType type)
    {
        var images = randn(2, 4, 4, 32).permute(0, 3, 1, 2).to(type);
        using (no_grad()) images[1, 5, 3, 2] = double.NaN;

        var result = Apply(images, State.Fresh(32), training: true);

        Assert.True(result.select(1, 5).isnan().all().item<bool>());
        Assert.Equal(2 * 4 * 4, result.isnan().sum().item<long>());
    }

    [SkippableFact]
    public void Apply_WithoutGradients_GivesTheSameBitForBit()
    {
        var images = randn(2, 9, 9, 32).permute(0, 3, 1, 2);
        var state = State.Fresh(32);
        var asked = Apply(images.detach().requires_grad_(), state, training: false);

        using var noGradient = no_grad();

        Assert.True((asked == Apply(images, state, training: false)).all().item<bool>());
    }

    [SkippableFact]
    public void Apply_WithAGradientOfAnotherLayout_TakesIt()
    {
        var inputs = Inputs.Random(2, 32, 4, 6, shortcut: true);
        var other = inputs with { Gradient = inputs.Gradient.contiguous(), Shortcut = inputs.Shortcut!.contiguous() };

        Assert.All(inputs.Run(Ours, true, true).Zip(other.Run(Ours, true, true)), pair =>
            Assert.True((pair.First.Values == pair.Second.Values).all().item<bool>()));
    }

    [SkippableFact]
    public void Apply_OverManySteps_LeavesNoTensorBehind()
    {
        var images = randn(2, 9, 9, 32).permute(0, 3, 1, 2).requires_grad_();
        var shortcut = randn(2, 9, 9, 32).permute(0, 3, 1, 2).requires_grad_();
        var state = State.Fresh(32);
        void Step()
        {
            using var scope = NewDisposeScope();
            Ours(images, state, shortcut, true, true).sum().backward();
            Ours(images, state, shortcut, true, true);
        }
        Step();
        var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;

        for (var i = 0; i < 50; i++) Step();

        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }

    [Fact]
    public void Covers_OtherLayoutsTypesAndSizes_IsFalse()
    {
        Assert.False(Norm.Covers(randn(2, 32, 8, 8)));
        Assert.False(Norm.Covers(randn(2, 8, 8, 24).permute(0, 3, 1, 2)));
        Assert.False(Norm.Covers(randn(2, 8, 8, 32).permute(0, 3, 1, 2).to(ScalarType.Float64)));
        Assert.False(Norm.Covers(randn(1, 1, 1, 32).permute(0, 3, 1, 2)));
    }

    public void Dispose() => _scope.Dispose();

    private static Tensor Apply(Tensor images, NormState state, bool training) => Ours(images, state, null, false, training);

    private static Tensor Ours(Tensor images, NormState state, Tensor? shortcut, bool relu, bool training)
    {
        Skip.IfNot(Norm.Covers(images), "libtorch has no OpenMP of GCC here.");
        return Norm.Apply(images, state, shortcut, relu, training);
    }

    private static Tensor Libtorch(Tensor images, NormState state, Tensor? shortcut, bool relu, bool training)
    {
        var normed = F.batch_norm(images, state.Mean, state.Variance, state.Weight, state.Bias, training, Momentum, Epsilon);
        if (shortcut is not null) normed += shortcut;
        return relu ? F.relu(normed) : normed;
    }

    private static void AssertClose(
        IEnumerable<(string Name, Tensor Values)> expected, IEnumerable<(string Name, Tensor Values)> actual, double relative,
        double absolute)
    {
        foreach (var (right, ours) in expected.Zip(actual))
        {
            var values = ours.Values.to(ScalarType.Float64);
            Assert.True(allclose(right.Values, values, relative, absolute),
                $"{right.Name} differs by {(right.Values - values).abs().max().item<double>()}");
        }
    }

    private static class State
    {
        public static NormState Fresh(int channels) => new(
            ones(channels).requires_grad_(), zeros(channels).requires_grad_(), zeros(channels), ones(channels), Epsilon, Momentum);
    }

    private sealed record Inputs(Tensor Images, Tensor? Shortcut, Tensor Gradient, NormState State)
    {
        public static Inputs Random(int images, int channels, int height, int width, bool shortcut)
        {
            Tensor Pixels() => randn(images, height, width, channels).permute(0, 3, 1, 2);
            var state = new NormState(rand(channels) + 0.5, randn(channels), randn(channels), rand(channels) + 0.5, Epsilon, Momentum);
            return new(Pixels() * 2 + 1, shortcut ? Pixels() : null, Pixels(), state);
        }

        public Inputs As(ScalarType state, ScalarType? images = null) => new(
            Images.to(images ?? state), Shortcut?.to(images ?? state), Gradient.to(images ?? state),
            State with { Weight = State.Weight.to(state), Bias = State.Bias.to(state), Mean = State.Mean.to(state),
                Variance = State.Variance.to(state) });

        public List<(string Name, Tensor Values)> Run(Func<Tensor, NormState, Tensor?, bool, bool, Tensor> norm, bool relu, bool training)
        {
            var images = Leaf(Images);
            var shortcut = Shortcut is null ? null : Leaf(Shortcut);
            var state = State with { Weight = Leaf(State.Weight), Bias = Leaf(State.Bias), Mean = State.Mean.clone(),
                Variance = State.Variance.clone() };
            var result = norm(images, state, shortcut, relu, training);
            result.backward([Gradient]);
            var outputs = new List<(string Name, Tensor Values)>
            {
                ("result", result), ("images", images.grad!), ("weight", state.Weight.grad!), ("bias", state.Bias.grad!),
                ("running mean", state.Mean), ("running variance", state.Variance),
            };
            if (shortcut is not null) outputs.Add(("shortcut", shortcut.grad!));
            return outputs;
        }

        private static Tensor Leaf(Tensor tensor) => tensor.detach().clone().requires_grad_();
    }
}

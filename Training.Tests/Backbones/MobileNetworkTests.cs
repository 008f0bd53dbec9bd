using TorchSharp;
using TorchSharp.Modules;
using Training.Core.Backbones;
using Training.Tests.TestKit;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace Training.Tests.Backbones;

[Collection(GlobalTorchState.Name)]
public sealed class MobileNetworkTests : IDisposable
{
    private readonly DisposableNetworks _networks = new();
    private readonly DisposeScope _scope = NewDisposeScope();

    [Theory]
    [InlineData("mobilenet_v2", "classifier.1.weight", 1280)]
    [InlineData("mobilenet_v3_small", "classifier.3.weight", 1024)]
    [InlineData("mobilenet_v3_large", "classifier.3.weight", 1280)]
    [InlineData("efficientnet_b0", "classifier.1.weight", 1280)]
    public void Head_OfEveryNetwork_IsItsLastLinearLayer(string name, string head, int features)
    {
        var network = Create(name);
        var names = network.named_parameters().ToDictionary(
            entry => entry.parameter, entry => entry.name, (IEqualityComparer<Parameter>)ReferenceEqualityComparer.Instance);

        Assert.Equal([head, head.Replace("weight", "bias", StringComparison.Ordinal)],
            network.HeadParameters.Select(parameter => names[parameter]));
        Assert.Equal(features, network.FeatureCount);
        Assert.Equal(5, network.BackboneStages.Count);
        Assert.Equal(
            names.Values.Where(each => !network.IsHead(each)).Order(),
            network.BackboneStages.SelectMany(stage => stage).Select(parameter => names[parameter]).Order());
    }

    [Theory]
    [InlineData("mobilenet_v3_small")]
    [InlineData("efficientnet_b0")]
    public void Backward_InBfloat16_GivesFloat32GradientsToEveryParameter(string name)
    {
        var network = Create(name);
        network.UseChannelsLast();
        network.SetTraining(training: true, freezeBatchNorm: false);

        var images = network.Prepare(randn(4, 3, 64, 64), ScalarType.BFloat16);
        F.cross_entropy(network.call(images), tensor(new long[] { 0, 1, 0, 1 })).backward();

        Assert.All(network.named_parameters(), entry =>
        {
            Assert.Equal(ScalarType.Float32, entry.parameter.grad!.dtype);
            Assert.True(entry.parameter.grad.isfinite().all().item<bool>(), entry.name);
        });
    }

    [Theory]
    [InlineData("mobilenet_v2")]
    [InlineData("mobilenet_v3_large")]
    [InlineData("efficientnet_b0")]
    public void Forward_InBfloat16ChannelsLast_IsCloseToFloat32(string name)
    {
        manual_seed(3);
        var network = Create(name);
        // A pass in training mode first: statistics of these weights, so that the numbers stay in a usual range.
        network.SetTraining(training: true, freezeBatchNorm: false);
        using var noGradient = no_grad();
        var images = randn(8, 3, 64, 64);
        for (var pass = 0; pass < 30; pass++) network.Features(images);
        network.SetTraining(training: false, freezeBatchNorm: false);
        var exact = network.Features(images);

        network.UseChannelsLast();
        var rounded = network.Features(network.Prepare(images, ScalarType.BFloat16));

        Assert.InRange(((rounded - exact).norm() / exact.norm()).item<float>(), 0, 0.1);
    }

    [Fact]
    public void Dropout_OfTheHead_ActsInTrainingOnlyAndFollowsTheSeed()
    {
        var network = Create("mobilenet_v2");
        var features = randn(4, network.FeatureCount);

        network.SetTraining(training: true, freezeBatchNorm: true);
        manual_seed(5);
        var first = network.Classify(features);
        var second = network.Classify(features);
        manual_seed(5);
        var again = network.Classify(features);
        network.SetTraining(training: false, freezeBatchNorm: true);

        Assert.False(first.Equals(second));
        Assert.True(first.Equals(again));
        Assert.True(network.Classify(features).Equals(network.Classify(features)));
    }

    [Fact]
    public void StochasticDepth_OverManyPasses_KeepsTheMeanAndTheSeed()
    {
        // One block alone: with batch norms in between the mean of all blocks is no longer exact.
        var spec = (MobileSpec)BackboneCatalog.Get("efficientnet_b0");
        using var block = new MobileBlock(spec, new MobileBlockShape(8, 3, 16, 8, 2, ActivationKind.Silu, 1), skipped: 0.5);
        using var noGradient = no_grad();
        block.eval();
        var image = randn(1, 8, 4, 4);
        var expected = block.call(image);
        foreach (var norm in block.modules().OfType<Core.Backbones.BatchNorm>()) norm.eval();

        block.train();
        foreach (var norm in block.modules().OfType<Core.Backbones.BatchNorm>()) norm.eval();
        manual_seed(5);
        var many = block.call(image.expand(2000, 8, 4, 4));
        var skipped = (many - image).abs().amax([1, 2, 3]).eq(0).to(ScalarType.Float32).mean().item<float>();

        Assert.InRange(skipped, 0.45, 0.55);
        Assert.InRange(((many.mean([0], keepdim: true) - expected).norm() / (expected - image).norm()).item<float>(), 0, 0.08);
    }

    [Fact]
    public void Create_LikeTorchvision_HasItsFirstWeights()
    {
        manual_seed(7);
        var state = Create("mobilenet_v3_small", classes: 100).StateDict();
        var efficient = Create("efficientnet_b0", classes: 100).StateDict();

        Assert.Equal(0.01, Deviation(state["classifier.3.weight"]), 2e-4);
        Assert.Equal(0.01, Deviation(state["classifier.0.weight"]), 2e-4);
        Assert.Equal(0, state["classifier.3.bias"].abs().max().item<float>());
        Assert.Equal(0, state["features.4.block.2.fc1.bias"].abs().max().item<float>());
        // Fan out of a depthwise convolution as PyTorch counts it: all outputs.
        Assert.Equal(Math.Sqrt(2.0 / (576 * 25)), Deviation(state["features.10.block.1.0.weight"]), 0.05 * Math.Sqrt(2.0 / (576 * 25)));
        Assert.Equal(Math.Sqrt(2.0 / 144), Deviation(state["features.10.block.2.fc1.weight"]), 0.05 * Math.Sqrt(2.0 / 144));
        Assert.Equal(1 / Math.Sqrt(100), efficient["classifier.1.weight"].abs().max().item<float>(), 1e-3);
    }

    [Fact]
    public void Training_Over50Steps_LeavesNoTensorBehind()
    {
        var network = Create("mobilenet_v3_small");
        network.UseChannelsLast();
        using var images = randn(2, 3, 32, 32);
        using var labels = tensor(new long[] { 0, 1 });
        void Step()
        {
            using var scope = NewDisposeScope();
            network.SetTraining(training: true, freezeBatchNorm: false);
            network.zero_grad();
            F.cross_entropy(network.call(network.Prepare(images, ScalarType.BFloat16)), labels).backward();
        }
        Step();
        var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;

        for (var i = 0; i < 50; i++) Step();

        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }

    public void Dispose()
    {
        _scope.Dispose();
        _networks.Dispose();
    }

    private ImageClassifier Create(string name, int classes = 2) => _networks.Create(BackboneCatalog.Get(name), classes);

    private static double Deviation(Tensor tensor) => tensor.detach().std().item<float>();
}

using TorchSharp;
using TorchSharp.Modules;
using Training.Core.Backbones;
using Training.Tests.TestKit;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace Training.Tests.Backbones;

[Collection(GlobalTorchState.Name)]
public sealed class ResNetTests : IDisposable
{
    private readonly DisposableNetworks _networks = new();
    private readonly DisposeScope _scope = NewDisposeScope();

    [Theory]
    [InlineData(ScalarType.Float32)]
    [InlineData(ScalarType.BFloat16)]
    public void Forward_WithImagesOfAnyPrecision_GivesFloat32(ScalarType precision)
    {
        var network = _networks.CreateSmall(classes: 3);
        var images = network.Prepare(randn(2, 3, 32, 32), precision);

        var features = network.Features(images);
        var logits = network.call(images);

        Assert.Equal(ScalarType.Float32, features.dtype);
        Assert.Equal(ScalarType.Float32, logits.dtype);
        Assert.Equal([2, 512], features.shape);
        Assert.Equal([2, 3], logits.shape);
    }

    [Fact]
    public void Forward_InBfloat16_IsCloseToFloat32()
    {
        var network = Pretrained();
        var images = Image();
        using var noGradient = no_grad();

        var exact = network.Features(images);
        var rounded = network.Features(network.Prepare(images, ScalarType.BFloat16));

        Assert.InRange(RelativeDistance(rounded, exact), 0, 0.02);
    }

    [Fact]
    public void Forward_ChannelsLast_EqualsChannelsFirst()
    {
        var network = Pretrained();
        using var noGradient = no_grad();
        var expected = network.Features(Image());

        network.UseChannelsLast();
        var images = network.Prepare(Image(), ScalarType.Float32);

        Assert.Equal(1, images.stride(1));
        Assert.Equal(1, network.StateDict()["layer1.0.conv1.weight"].stride(1));
        Assert.InRange(RelativeDistance(network.Features(images), expected), 0, 1e-5);
    }

    [Fact]
    public void UseChannelsLast_AfterAnOptimizerWasMade_KeepsItsParameters()
    {
        var network = _networks.CreateSmall();
        using var optimizer = optim.AdamW(network.parameters(), lr: 0.01);
        Step(network, ScalarType.Float32);
        optimizer.step();

        network.UseChannelsLast();
        var before = network.BackboneParameters[0].detach().clone();
        network.zero_grad();
        Step(network, ScalarType.Float32);
        optimizer.step();

        Assert.False(before.Equals(network.BackboneParameters[0]));
        Assert.Equal(1, network.BackboneParameters[0].stride(1));
    }

    [Fact]
    public void Backward_InBfloat16_GivesFloat32GradientsToEveryParameter()
    {
        var network = _networks.CreateSmall();
        network.SetTraining(training: true, freezeBatchNorm: false);

        Step(network, ScalarType.BFloat16);

        Assert.All(network.parameters(), parameter =>
        {
            Assert.Equal(ScalarType.Float32, parameter.grad!.dtype);
            Assert.True(parameter.grad.abs().sum().item<float>() > 0);
        });
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void BatchNorm_InTrainMode_MovesItsStatisticsUnlessFrozen(bool frozen)
    {
        var network = _networks.CreateSmall();
        network.SetTraining(training: true, frozen);
        var before = Statistics(network);

        network.call(randn(4, 3, 32, 32));

        Assert.Equal(3 * 12, before.Count);
        Assert.All(Statistics(network).Zip(before), pair => Assert.Equal(frozen, pair.First.Equals(pair.Second)));
    }

    [Fact]
    public void SetTraining_BackToEvaluation_EndsTraining()
    {
        var network = _networks.CreateSmall();
        network.SetTraining(training: true, freezeBatchNorm: false);
        network.SetTraining(training: false, freezeBatchNorm: false);
        var before = Statistics(network);

        network.call(randn(4, 3, 32, 32));

        Assert.All(Statistics(network).Zip(before), pair => Assert.True(pair.First.Equals(pair.Second)));
    }

    [Fact]
    public void Parameters_SplitIntoHeadAndBackbone_AreAllOfThem()
    {
        var network = _networks.CreateSmall();

        Assert.Equal(2, network.HeadParameters.Count);
        Assert.Equal(network.parameters().Count(), network.HeadParameters.Count + network.BackboneParameters.Count);
        Assert.DoesNotContain(network.BackboneParameters, parameter => ReferenceEquals(parameter, network.HeadParameters[0]));
    }

    [Fact]
    public void BackboneStages_FromTheImageToTheHead_HoldEveryParameterOnce()
    {
        var network = _networks.CreateSmall();
        var names = network.named_parameters().ToDictionary(
            entry => entry.parameter, entry => entry.name.Split('.')[0], (IEqualityComparer<Parameter>)ReferenceEqualityComparer.Instance);

        var stages = network.BackboneStages.Select(stage => string.Join(' ', stage.Select(parameter => names[parameter]).Distinct()));

        Assert.Equal(["conv1 bn1", "layer1", "layer2", "layer3", "layer4"], stages);
        Assert.Equal(names.Count - 2, network.BackboneStages.SelectMany(stage => stage).Distinct().Count());
    }

    [Fact]
    public void Network_MovedToAnotherType_ComputesWithTheMovedWeights()
    {
        // Moving to a device replaces parameters by the same code, and there is no second device here.
        var network = _networks.CreateSmall();
        network.to(ScalarType.Float64);
        network.SetTraining(training: false, freezeBatchNorm: false);
        using var noGradient = no_grad();

        var before = network.Features(randn([2, 3, 32, 32], ScalarType.Float64));
        foreach (var parameter in network.BackboneParameters) parameter.zero_();
        var after = network.Features(randn([2, 3, 32, 32], ScalarType.Float64));

        Assert.True(before.abs().sum().item<float>() > 0);
        Assert.Equal(0, after.abs().sum().item<float>());
    }

    [Fact]
    public void Construct_WithBasicBlocksInGroups_IsRefused()
    {
        var error = Assert.Throws<ArgumentException>(() => new ResNet(DisposableNetworks.Small with { Groups = 2 }, 2));

        Assert.Contains("Basic blocks have one group", error.Message, StringComparison.Ordinal);
    }

    public void Dispose()
    {
        _scope.Dispose();
        _networks.Dispose();
    }

    private ImageClassifier Pretrained()
    {
        var spec = BackboneCatalog.Get(BackboneCatalog.BuiltIn);
        var network = _networks.Create(spec);
        PretrainedWeights.LoadInto(network, spec, weightsFolder: null);
        network.SetTraining(training: false, freezeBatchNorm: false);
        return network;
    }

    private static Tensor Image() =>
        tensor(OnnxReference.Normalise(NetworkInputs.Waves())).reshape(1, 3, OnnxReference.Size, OnnxReference.Size);

    private static void Step(ImageClassifier network, ScalarType precision) =>
        F.cross_entropy(network.call(network.Prepare(randn(4, 3, 32, 32), precision)), tensor(new long[] { 0, 1, 0, 1 })).backward();

    private static List<Tensor> Statistics(ImageClassifier network) => [.. network.buffers().Select(buffer => buffer.clone())];

    private static double RelativeDistance(Tensor ours, Tensor theirs) => ((ours - theirs).norm() / theirs.norm()).item<float>();
}

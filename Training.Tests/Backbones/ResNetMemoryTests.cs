using TorchSharp;
using Training.Core.Backbones;
using Training.Tests.TestKit;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace Training.Tests.Backbones;

[Collection(GlobalTorchState.Name)]
public sealed class ResNetMemoryTests : IDisposable
{
    private readonly DisposableNetworks _networks = new();

    [Fact]
    public void Training_Over50Steps_LeavesNoTensorBehind()
    {
        var network = _networks.CreateSmall();
        network.UseChannelsLast();
        using var optimizer = optim.SGD(network.parameters(), 1e-3, momentum: 0.9);
        using var images = randn(2, 3, 32, 32);
        using var labels = tensor(new long[] { 0, 1 });
        void Step()
        {
            using var scope = NewDisposeScope();
            network.SetTraining(training: true, freezeBatchNorm: false);
            optimizer.zero_grad();
            F.cross_entropy(network.call(network.Prepare(images, ScalarType.BFloat16)), labels).backward();
            optimizer.step();
        }
        Step(); // The first makes the optimizer's state.
        var before = LiveTensors;

        for (var i = 0; i < 50; i++) Step();

        Assert.Equal(before, LiveTensors);
    }

    [Fact]
    public void Forward_InTheCallersScope_LeavesOnlyItsResult()
    {
        var network = _networks.CreateSmall();
        using var scope = NewDisposeScope();
        using var images = randn(1, 3, 32, 32);
        var before = LiveTensors;

        var logits = network.call(images);

        Assert.Equal(before + 1, LiveTensors);
        Assert.False(logits.IsInvalid);
    }

    [Fact]
    public void LoadingWeights_LeavesNoTensorBehind()
    {
        var spec = BackboneCatalog.Get(BackboneCatalog.BuiltIn);
        var network = _networks.Create(spec);
        var before = LiveTensors;

        PretrainedWeights.LoadInto(network, spec, weightsFolder: null);

        Assert.Equal(before, LiveTensors);
    }

    [Fact]
    public void Create_InsideAScope_OutlivesIt()
    {
        ImageClassifier network;
        using (NewDisposeScope()) network = _networks.CreateSmall();

        Assert.All(network.StateDict().Values, tensor => Assert.False(tensor.IsInvalid));
    }

    public void Dispose() => _networks.Dispose();

    private static long LiveTensors => DisposeScopeManager.Statistics.ThreadTotalLiveCount;
}

using Training.Tests.TestKit;
using static TorchSharp.torch;

namespace Training.Tests.Backbones;

[Collection(GlobalTorchState.Name)]
public sealed class InitialisationTests : IDisposable
{
    private readonly DisposableNetworks _networks = new();

    [Fact]
    public void Create_WithTheSameSeed_GivesTheSameWeights()
    {
        manual_seed(7);
        var first = _networks.CreateSmall().StateDict();
        manual_seed(7);
        var second = _networks.CreateSmall().StateDict();

        Assert.All(first, entry => Assert.True(entry.Value.Equals(second[entry.Key])));
    }

    [Fact]
    public void Create_LikeTorchvision_IsKaimingByFanOut()
    {
        manual_seed(7);
        var state = _networks.CreateSmall(classes: 100).StateDict();

        Assert.Equal(Math.Sqrt(2.0 / (64 * 49)), Deviation(state["conv1.weight"]), 0.05 * Math.Sqrt(2.0 / (64 * 49)));
        Assert.Equal(Math.Sqrt(2.0 / (512 * 9)), Deviation(state["layer4.0.conv2.weight"]), 0.01 * Math.Sqrt(2.0 / (512 * 9)));
        Assert.Equal(1 / Math.Sqrt(512), state["fc.weight"].abs().max().item<float>(), 1e-3);
        Assert.Equal(1, state["layer1.0.bn2.weight"].min().item<float>());
        Assert.Equal(0, state["layer1.0.bn2.bias"].abs().max().item<float>());
    }

    public void Dispose() => _networks.Dispose();

    private static double Deviation(Tensor tensor)
    {
        using var deviation = tensor.detach().std();
        return deviation.item<float>();
    }
}

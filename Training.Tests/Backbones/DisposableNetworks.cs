using Training.Core.Backbones;

namespace Training.Tests.Backbones;

/// <summary>The networks of one test, given back at its end: a network holds tens of megabytes of native memory.</summary>
internal sealed class DisposableNetworks : IDisposable
{
    private readonly List<ResNet> _networks = [];

    public ResNet Create(BackboneSpec spec, int classes = 2)
    {
        var network = new ResNet(spec, classes);
        _networks.Add(network);
        return network;
    }

    /// <summary>Basic blocks [1,1,1,1]: small enough to train in a test.</summary>
    public ResNet CreateSmall(int classes = 2) => Create(Small, classes);

    public static BackboneSpec Small { get; } =
        new("small", "Small", BlockKind.Basic, [1, 1, 1, 1], 512, new WeightsSource("none.pth", null, ""));

    public void Dispose()
    {
        foreach (var network in _networks) network.Dispose();
    }
}

using Training.Core.Backbones;

namespace Training.Tests.Backbones;

/// <summary>The networks of one test, given back at its end: a network holds tens of megabytes of native memory.</summary>
internal sealed class DisposableNetworks : IDisposable
{
    private readonly List<ImageClassifier> _networks = [];

    public ImageClassifier Create(BackboneSpec spec, int classes = 2)
    {
        var network = spec.Create(classes);
        _networks.Add(network);
        return network;
    }

    /// <summary>Basic blocks [1,1,1,1]: small enough to train in a test.</summary>
    public ImageClassifier CreateSmall(int classes = 2) => Create(Small, classes);

    public static ResNetSpec Small { get; } =
        new("small", "Small", BlockKind.Basic, [1, 1, 1, 1], new WeightsSource("none.pth", null, ""));

    public void Dispose()
    {
        foreach (var network in _networks) network.Dispose();
    }
}

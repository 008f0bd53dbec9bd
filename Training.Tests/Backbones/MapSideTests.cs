using Training.Core.Backbones;
using Training.Tests.TestKit;
using static TorchSharp.torch;

namespace Training.Tests.Backbones;

[Collection(GlobalTorchState.Name)]
public sealed class MapSideTests
{
    public static TheoryData<string> Names => [.. BackboneCatalog.All.Select(spec => spec.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void MapSide_OfEveryBackbone_IsAThirtySecondRoundedUp(string name)
    {
        var spec = BackboneCatalog.Get(name);

        Assert.Equal([1, 2, 2, 3, 7, 16], new[] { 32, 33, 64, 65, 224, 512 }.Select(spec.MapSide));
    }

    /// <summary>The networks themselves: a last norm that sees one value per channel loses its variance.</summary>
    [Theory]
    [InlineData("resnet18", 32, true)]
    [InlineData("resnet18", 33, false)]
    [InlineData("mobilenet_v2", 32, true)]
    [InlineData("mobilenet_v2", 33, false)]
    [InlineData("efficientnet_b0", 32, true)]
    [InlineData("efficientnet_b0", 33, false)]
    public void MapSide_OfOne_IsWhereOneImageBreaksANorm(string name, int size, bool breaks)
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        var spec = BackboneCatalog.Get(name);
        using var network = spec.Create(2);
        network.SetTraining(true, freezeBatchNorm: false);

        network.call(ones(1, 3, size, size));

        Assert.Equal(breaks, StateDictFile.NotFinite(network.StateDict()) is not null);
        Assert.Equal(breaks, spec.MapSide(size) == 1);
        Assert.Equal(BackboneSpec.StageCount, network.BackboneStages.Count);
    }
}

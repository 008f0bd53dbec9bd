using Training.Core.Backbones;
using Training.Tests.TestKit;

namespace Training.Tests.Backbones;

[Collection(GlobalTorchState.Name)]
public sealed class BackboneCatalogTests
{
    /// <summary>Counts of torchvision's documentation, for 1,000 classes; the built-in one has one more block than resnet18.</summary>
    [Theory]
    [InlineData(BackboneCatalog.BuiltIn, 16_410_152)]
    [InlineData("resnet18", 11_689_512)]
    [InlineData("resnet34", 21_797_672)]
    [InlineData("resnet50", 25_557_032)]
    [InlineData("resnet101", 44_549_160)]
    [InlineData("resnet152", 60_192_808)]
    [InlineData("wide_resnet50_2", 68_883_240)]
    [InlineData("resnext50_32x4d", 25_028_904)]
    [InlineData("mobilenet_v2", 3_504_872)]
    [InlineData("mobilenet_v3_small", 2_542_856)]
    [InlineData("mobilenet_v3_large", 5_483_032)]
    [InlineData("efficientnet_b0", 5_288_548)]
    public void Network_OfTorchvision_HasItsParameterCount(string name, long expected)
    {
        var spec = BackboneCatalog.Get(name);
        using var network = PretrainedWeights.Create(spec, 1000);

        Assert.Equal(expected, network.parameters().Sum(parameter => parameter.numel()));
        Assert.Equal(expected, spec.Parameters);
        Assert.Equal(spec.FeatureCount, network.FeatureCount);
    }

    [Fact]
    public void Names_OfAllBackbones_AreUniqueAndFound()
    {
        Assert.Equal(12, BackboneCatalog.All.Select(spec => spec.Name).Distinct().Count());
        Assert.All(BackboneCatalog.All, spec => Assert.Same(spec, BackboneCatalog.Get(spec.Name)));
        Assert.Equal(BackboneCatalog.BuiltIn, BackboneCatalog.All[0].Name);
    }

    [Fact]
    public void Weights_OfTorchvision_CarryTheirChecksumInTheName() =>
        Assert.All(BackboneCatalog.All.Where(spec => !spec.Weights.IsBuiltIn), spec =>
        {
            Assert.Matches($"^{spec.Name}(_rwightman)?-{spec.Weights.Sha256Prefix}\\.pth$", spec.Weights.FileName);
            Assert.Matches("^[0-9a-f]{8}$", spec.Weights.Sha256Prefix);
            Assert.Equal($"https://download.pytorch.org/models/{spec.Weights.FileName}", spec.Weights.Url!.ToString());
        });

    [Fact]
    public void Get_WithAnUnknownName_ListsTheKnownOnes()
    {
        var error = Assert.Throws<ArgumentException>(() => BackboneCatalog.Get("resnet19"));

        Assert.Contains("'resnet19'", error.Message, StringComparison.Ordinal);
        Assert.Contains("resnet18-builtin, resnet18, resnet34", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(BackboneCatalog.BuiltIn, "ResNet(BasicBlock, [2, 2, 2, 3], num_classes=5)")]
    [InlineData("resnet101", "ResNet(Bottleneck, [3, 4, 23, 3], num_classes=5)")]
    [InlineData("wide_resnet50_2", "ResNet(Bottleneck, [3, 4, 6, 3], num_classes=5, width_per_group=128)")]
    [InlineData("resnext50_32x4d", "ResNet(Bottleneck, [3, 4, 6, 3], num_classes=5, groups=32, width_per_group=4)")]
    [InlineData("mobilenet_v3_small", "mobilenet_v3_small(num_classes=5)")]
    public void TorchvisionConstruction_OfASpec_BuildsTheSameNetwork(string name, string expected) =>
        Assert.Equal(expected, BackboneCatalog.Get(name).TorchvisionConstruction(5));
}

using Training.Core.Backbones;
using Training.Core.Data;
using Training.Core.Recipes;


namespace Training.Tests.Recipes;

public sealed class RunDurationTests
{
    private static readonly MachineSpeed TwoCores = new(Train: 32.7, Evaluate: 104, Decode: 1500);

    private static readonly DatasetOutline Dataset = Outlines.Of(train: 8_000, val: 2_000);

    [Fact]
    public void Transfer_ComputesFeaturesOnce_SoEpochsHardlyCount()
    {
        var recipe = Of(Presets.Transfer);

        var few = RunDuration.Estimate(recipe with { Epochs = 1 }, Dataset, TwoCores);
        var many = RunDuration.Estimate(recipe with { Epochs = 100 }, Dataset, TwoCores);

        // 10,000 images at 104 a second, and their decoding.
        Assert.InRange(few, 96, 120);
        Assert.InRange(many - few, 1, 30);
    }

    [Fact]
    public void Transfer_WithAugmentation_PaysTheBackboneForEveryViewOfTheTrainingImages()
    {
        var once = RunDuration.Estimate(Of(Presets.Transfer), Dataset, TwoCores);
        var views = RunDuration.Estimate(Of(Presets.Transfer) with { Augmentation = AugmentationKind.Flip }, Dataset, TwoCores);

        Assert.InRange(views / once, 2.5, 4);
    }

    [Fact]
    public void FineTune_CountsTrainingAndEvaluationOfEveryEpoch()
    {
        var seconds = RunDuration.Estimate(Of(Presets.FineTune) with { Epochs = 3, HeadEpochs = 0 }, Dataset, TwoCores);

        Assert.InRange(seconds, 3 * (8_000 / 32.7 + 2_000 / 104.0), 3 * (8_000 / 32.7 + 2_000 / 104.0) + 30);
    }

    [Fact]
    public void ImageSize_Halved_CostsAQuarter()
    {
        var network = TwoCores with { Decode = 1e9 };
        var full = RunDuration.Estimate(Of(Presets.FineTune), Dataset, network);
        var half = RunDuration.Estimate(Of(Presets.FineTune) with { ImageSize = 112 }, Dataset, network);

        Assert.InRange(full / half, 3.9, 4.1);
    }

    // torchvision's documentation, "GFLOPS" (multiply-adds) of its classification models at 224 px.
    [Theory]
    [InlineData("resnet18", 1.81)]
    [InlineData("resnet34", 3.66)]
    [InlineData("resnet50", 4.09)]
    [InlineData("resnet101", 7.80)]
    [InlineData("resnet152", 11.51)]
    [InlineData("mobilenet_v2", 0.30)]
    [InlineData("mobilenet_v3_small", 0.06)]
    [InlineData("mobilenet_v3_large", 0.22)]
    [InlineData("efficientnet_b0", 0.39)]
    public void MultiplyAdds_CountedFromTheShape_AreTorchvisions(string backbone, double billions) =>
        Assert.Equal(billions, BackboneCost.MultiplyAdds(BackboneCatalog.Get(backbone)) / 1e9, 0.02);

    [Fact]
    public void Relative_OfTheBuiltInBackbone_IsOne() =>
        Assert.Equal(1, BackboneCost.Relative(BackboneCatalog.Get(BackboneCatalog.BuiltIn), 224), 1e-12);

    [Theory]
    [InlineData(0, "a few seconds")]
    [InlineData(42, "about 40 s")]
    [InlineData(57, "about 1 min")]
    [InlineData(89, "about 1 min")]
    [InlineData(230, "about 4 min")]
    [InlineData(1_450, "about 25 min")]
    [InlineData(3_590, "about 1 h")]
    [InlineData(4_700, "about 1 h 20 min")]
    [InlineData(7_300, "about 2 h")]
    [InlineData(50_000, "about 14 h")]
    [InlineData(260_000, "about 3 days")]
    [InlineData(double.PositiveInfinity, "about 11574074 days")]
    public void Words_OfAnyDuration_AreRoundAndHonest(double seconds, string words) => Assert.Equal(words, RunDuration.Words(seconds));

    private static Recipe Of(string preset) => Presets.Get(preset).Apply(new Recipe { Dataset = "1" });
}

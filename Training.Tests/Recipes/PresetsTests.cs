using Training.Core.Data;
using Training.Core.Devices;
using Training.Core.Recipes;

namespace Training.Tests.Recipes;

public sealed class PresetsTests
{
    private static readonly Recipe Odd = new()
    {
        Dataset = "3", Name = "my run", Backbone = "resnet50", Machine = "rtx-box", Seed = 42, ValFraction = 0.3,
        Epochs = 77, BatchSize = 7, ImageSize = 64, Resize = ResizeKind.Squash, Optimizer = OptimizerKind.Sgd, LearningRate = 3,
        BackboneRateFactor = 0.7, WeightDecay = 0.7, Schedule = ScheduleKind.Step, WarmupFraction = 0.4, LabelSmoothing = 0.4,
        BatchNorm = BatchNormKind.Freeze, Augmentation = AugmentationKind.Flip, Precision = PrecisionKind.Bf16, EarlyStopPatience = 9,
    };

    public static TheoryData<string> Names => [.. Presets.All.Select(preset => preset.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void Apply_ToAnyRecipe_SetsEveryTrainingFieldAndKeepsTheRest(string name)
    {
        var preset = Presets.Get(name);
        var other = new Recipe { Dataset = Odd.Dataset, Name = Odd.Name, Backbone = Odd.Backbone, Machine = Odd.Machine, Seed = 42,
            ValFraction = 0.3 };

        var applied = preset.Apply(Odd);

        Assert.Equal(preset.Apply(other), applied);
        Assert.Equal((name, preset.Mode), (applied.Preset, applied.Mode));
        Assert.Equal(("3", "my run", "resnet50", "rtx-box", 42, 0.3),
            (applied.Dataset, applied.Name, applied.Backbone, applied.Machine, applied.Seed, applied.ValFraction));
    }

    [Theory]
    [InlineData(TrainingMode.Transfer)]
    [InlineData(TrainingMode.FineTune)]
    [InlineData(TrainingMode.FromScratch)]
    public void DefaultOf_AMode_IsAPresetOfThatMode(TrainingMode mode) => Assert.Equal(mode, Presets.DefaultOf(mode).Mode);

    [Fact]
    public void Article_ItsRecipe_IsAsInTheArticle()
    {
        var recipe = Presets.Get("ADAM001allLayers").Apply(Odd);

        Assert.Equal(new Recipe
        {
            Dataset = "3", Name = "my run", Backbone = "resnet50", Machine = "rtx-box", Seed = 42, ValFraction = 0.3,
            Preset = Presets.ArticleAdam, Mode = TrainingMode.FineTune, Epochs = 3, BatchSize = 64, ImageSize = 224,
            Resize = ResizeKind.Squash,
            Optimizer = OptimizerKind.Adam, LearningRate = 0.01, BackboneRateFactor = 1, WeightDecay = 0, Schedule = ScheduleKind.Constant,
            WarmupFraction = 0, LabelSmoothing = 0, BatchNorm = BatchNormKind.Train, Augmentation = AugmentationKind.None,
            Precision = PrecisionKind.Fp32, EarlyStopPatience = 0,
        }, recipe);
    }

    [Fact]
    public void Get_AnUnknownName_ListsTheNames()
    {
        var error = Assert.Throws<ArgumentException>(() => Presets.Get("magic"));

        Assert.All(Presets.All, preset => Assert.Contains(preset.Name, error.Message, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(Presets.Transfer, 8_000, 64)]
    [InlineData(Presets.Transfer, 244, 32)]
    [InlineData(Presets.Transfer, 10, 2)]
    [InlineData(Presets.FromScratch, 4, 2)]
    [InlineData(Presets.FromScratch, 2, 2)]
    [InlineData(Presets.Transfer, 1, 1)]
    [InlineData(Presets.ArticleAdam, 244, 64)]
    [InlineData(Presets.ArticleAdam, 50, 50)]
    public void FitTo_ADataset_LeavesSomeStepsAnEpoch(string preset, int train, int expected) =>
        Assert.Equal(expected, Presets.Get(preset).Apply(Odd).FitTo(Outlines.Of(train, 10)).BatchSize);

    [Fact]
    public void FitTo_AnEmptyDataset_ChangesNothing()
    {
        DatasetOutline empty = Outlines.Of(0, 0);

        Assert.Equal(Odd, Odd.FitTo(empty));
    }
}

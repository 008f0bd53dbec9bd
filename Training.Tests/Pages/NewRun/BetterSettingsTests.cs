using Dashboard.Pages.NewRun;
using Training.Core.Data;
using Training.Core.Recipes;

namespace Training.Tests.Pages.NewRun;

public sealed class BetterSettingsTests
{
    private static readonly Recipe FineTune = Presets.Get(Presets.FineTune).Apply(new Recipe { Dataset = "1" });
    private static readonly Recipe Transfer = Presets.Get(Presets.Transfer).Apply(new Recipe { Dataset = "1" });

    public static TheoryData<string, Recipe> Warned => new()
    {
        { "learningRate", Presets.Get(Presets.ArticleAdam).Apply(FineTune) },
        { "learningRate", FineTune with { Optimizer = OptimizerKind.Sgd, LearningRate = 1, BackboneRateFactor = 1 } },
        { "epochs", FineTune with { Epochs = 900 } },
        { "mixup", Transfer with { Mixup = 0.2 } },
        { "cutmix", Transfer with { Cutmix = 1 } },
        { "progressiveResizing", Transfer with { ProgressiveResizing = true } },
        { "earlyStopPatience", Transfer with { Epochs = 5, EarlyStopPatience = 9 } },
        { "imageSize", Transfer with { ImageSize = 225 } },
        { "batchSize", FineTune with { BatchNorm = BatchNormKind.Train, BatchSize = 2 } },
    };

    [Theory]
    [MemberData(nameof(Warned))]
    public void Taken_AsOffered_TheWarningIsGoneAndNoOtherComes(string field, Recipe recipe)
    {
        var warning = Assert.Single(RecipeValidator.Validate(recipe));
        Assert.Equal(field, warning.Field);

        var better = BetterSettings.Of(warning, recipe)
            .Aggregate(recipe, (now, each) => RecipeSetting.Apply(now, $"{each.Field}={each.Text}"));

        Assert.Empty(RecipeValidator.Validate(better));
    }

    [Fact]
    public void Error_HasNoBetterValueToOffer() =>
        Assert.Empty(BetterSettings.Of(new RecipeProblem(ProblemSeverity.Error, "epochs", "0 is out of range.", ""), FineTune));
}

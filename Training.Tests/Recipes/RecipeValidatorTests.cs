using Training.Core.Data;
using Training.Core.Recipes;

namespace Training.Tests.Recipes;

public sealed class RecipeValidatorTests
{
    private static readonly Recipe Good = Presets.Get(Presets.FineTune).Apply(new Recipe { Dataset = "3" });

    private static readonly DatasetOutline Dataset = Outlines.Of(train: 2_000, val: 200);

    [Theory]
    [InlineData(Presets.Transfer)]
    [InlineData(Presets.FineTune)]
    [InlineData(Presets.FromScratch)]
    public void Recipe_OfAPreset_HasNoProblem(string preset) =>
        Assert.Empty(RecipeValidator.Validate(Presets.Get(preset).Apply(Good), Dataset));

    [Theory]
    [InlineData("epochs=0", "epochs", "1 to 1,000")]
    [InlineData("epochs=1001", "epochs", "1 to 1,000")]
    [InlineData("epochs=-3", "epochs", "1 to 1,000")]
    [InlineData("batchSize=0", "batchSize", "1 to 1,024")]
    [InlineData("batchSize=1025", "batchSize", "1 to 1,024")]
    [InlineData("imageSize=31", "imageSize", "32 to 512")]
    [InlineData("imageSize=513", "imageSize", "32 to 512")]
    [InlineData("learningRate=NaN", "learningRate", "0 to 10")]
    [InlineData("learningRate=Infinity", "learningRate", "0 to 10")]
    [InlineData("learningRate=0", "learningRate", "above 0")]
    [InlineData("learningRate=-1", "learningRate", "0 to 10")]
    [InlineData("learningRate=10.5", "learningRate", "0 to 10")]
    [InlineData("backboneRateFactor=1.5", "backboneRateFactor", "0 to 1")]
    [InlineData("weightDecay=-0.1", "weightDecay", "0 to 1")]
    [InlineData("warmupFraction=0.6", "warmupFraction", "0 to 0.5")]
    [InlineData("labelSmoothing=NaN", "labelSmoothing", "0 to 0.5")]
    [InlineData("valFraction=0.01", "valFraction", "0.05 to 0.5")]
    [InlineData("valFraction=0.9", "valFraction", "0.05 to 0.5")]
    [InlineData("earlyStopPatience=-1", "earlyStopPatience", "0 to 1,000")]
    [InlineData("dataset=", "dataset", "Choose one")]
    [InlineData("machine=", "machine", "any")]
    [InlineData("backbone=resnet19", "backbone", "resnet18-builtin")]
    public void Field_WithAWrongValue_IsAnErrorThatNamesTheRemedy(string setting, string field, string remedy)
    {
        var problem = Assert.Single(RecipeValidator.Validate(RecipeSetting.Apply(Good, setting)));

        Assert.Equal((ProblemSeverity.Error, field), (problem.Severity, problem.Field));
        Assert.Contains(remedy, problem.Remedy, StringComparison.Ordinal);
    }

    [Fact]
    public void Preset_Unknown_IsAnErrorThatListsTheNames()
    {
        var problem = Assert.Single(RecipeValidator.Validate(Good with { Preset = "magic" }));

        Assert.Equal("preset", problem.Field);
        Assert.Contains(Presets.ArticleAdam, problem.Remedy, StringComparison.Ordinal);
    }

    [Fact]
    public void Enum_CastFromANumber_IsAnError() =>
        Assert.Equal("optimizer", Assert.Single(RecipeValidator.Validate(Good with { Optimizer = (OptimizerKind)9 })).Field);

    [Fact]
    public void Name_TooLong_IsAnError() =>
        Assert.Equal("name", Assert.Single(RecipeValidator.Validate(Good with { Name = new string('가', 201) })).Field);

    [Theory]
    [InlineData("dataset", 4096)]
    [InlineData("startFrom", 4096)]
    [InlineData("backbone", 200)]
    [InlineData("preset", 200)]
    [InlineData("machine", 200)]
    public void Text_TooLong_IsOneErrorThatDoesNotRepeatIt(string field, int most)
    {
        var text = new string('x', 1 << 20);
        var recipe = field switch
        {
            "dataset" => Good with { Dataset = text },
            "startFrom" => Good with { StartFrom = text },
            "backbone" => Good with { Backbone = text },
            "preset" => Good with { Preset = text },
            _ => Good with { Machine = text },
        };

        var problem = Assert.Single(RecipeValidator.Validate(recipe), problem => problem.Severity == ProblemSeverity.Error);

        Assert.Equal((field, $"Use at most {most}."), (problem.Field, problem.Remedy));
        Assert.EndsWith("has 1048576 characters.", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void SeveralFields_AllWrong_AreAllNamed()
    {
        var problems = RecipeValidator.Validate(Good with { Epochs = 0, LearningRate = double.NaN, ImageSize = 4 });

        Assert.Equal(["epochs", "imageSize", "learningRate"], problems.Select(problem => problem.Field));
    }

    [Fact]
    public void Batch_LargerThanTheTrainingSet_IsAnErrorWithTheSize()
    {
        var problem = Assert.Single(RecipeValidator.Validate(Good with { BatchSize = 32 }, Outlines.Of(train: 20, val: 10)));

        Assert.Equal((ProblemSeverity.Error, "batchSize", "Take at most 20."), (problem.Severity, problem.Field, problem.Remedy));
    }

    [Fact]
    public void Batch_LargerThanWhatIsLeftAfterHoldingOut_IsAnError()
    {
        var recipe = Good with { BatchSize = 90, ValFraction = 0.2 };

        Assert.Equal("Take at most 80.", Assert.Single(RecipeValidator.Validate(recipe, Outlines.Unsplit(100))).Remedy);
    }

    [Fact]
    public void Dataset_OfOneClass_IsAnError()
    {
        var problem = Assert.Single(RecipeValidator.Validate(Good, Outlines.OneClass(100)));

        Assert.Equal((ProblemSeverity.Error, "dataset"), (problem.Severity, problem.Field));
        Assert.Contains("single class", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Dataset_WithErrorsOfItsOwn_BlocksWithTheirWordsOnly()
    {
        var dataset = Outlines.Of(0, 0, new DatasetProblem(ProblemSeverity.Error, "train/bees", "There is no image in it.", "Add photos."));

        var problem = Assert.Single(RecipeValidator.Validate(Good, dataset));

        Assert.Equal(new RecipeProblem(ProblemSeverity.Error, "dataset", "train/bees: There is no image in it.", "Add photos."), problem);
    }

    [Fact]
    public void Dataset_WithManyWarnings_ShowsTheFirstAndCountsTheRest()
    {
        var warnings = Enumerable.Range(1, 40)
            .Select(i => new DatasetProblem(ProblemSeverity.Warning, $"a/{i}.jpg", "It is cut off.", "Replace it.")).ToArray();

        var problems = RecipeValidator.Validate(Good, Outlines.Of(2_000, 200, warnings));

        Assert.All(problems, problem => Assert.Equal((ProblemSeverity.Warning, "dataset"), (problem.Severity, problem.Field)));
        Assert.Equal(["a/1.jpg: It is cut off.", "a/2.jpg: It is cut off.", "38 more like this."],
            problems.Select(problem => problem.Message));
    }

    [Theory]
    [InlineData(OptimizerKind.Adam, 0.01, 1, true)]
    [InlineData(OptimizerKind.AdamW, 0.002, 1, true)]
    [InlineData(OptimizerKind.AdamW, 0.001, 1, false)]
    [InlineData(OptimizerKind.Adam, 0.01, 0.1, false)]
    [InlineData(OptimizerKind.Sgd, 0.01, 1, false)]
    [InlineData(OptimizerKind.Sgd, 0.1, 1, true)]
    public void Rate_TooHighForPretrainedLayers_IsAWarningWithAValue(OptimizerKind optimizer, double rate, double factor, bool warned)
    {
        var recipe = Good with { Optimizer = optimizer, LearningRate = rate, BackboneRateFactor = factor };

        var problems = RecipeValidator.Validate(recipe, Dataset);

        Assert.Equal(warned, problems.Any(problem => problem is
        { Severity: ProblemSeverity.Warning, Field: "learningRate" }
        && problem.Message.Contains("destroys the pretrained features", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData(TrainingMode.Transfer)]
    [InlineData(TrainingMode.FromScratch)]
    public void Rate_WhereNothingPretrainedMoves_IsNoWarning(TrainingMode mode) =>
        Assert.Empty(RecipeValidator.Validate(
            Good with { Mode = mode, Augmentation = AugmentationKind.None, LearningRate = 0.01, BackboneRateFactor = 1 }, Dataset));

    [Fact]
    public void ArticlesRecipe_OfItsPreset_CanRunAndIsWarnedOf()
    {
        var problem = Assert.Single(RecipeValidator.Validate(Presets.Get(Presets.ArticleAdam).Apply(Good), Dataset));

        Assert.Equal((ProblemSeverity.Warning, "learningRate"), (problem.Severity, problem.Field));
        Assert.Contains("0.0001", problem.Remedy, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("epochs=201", "epochs")]
    [InlineData("earlyStopPatience=10", "earlyStopPatience")]
    [InlineData("imageSize=225", "imageSize")]
    public void Field_WithAnUnwiseValue_IsAWarning(string setting, string field)
    {
        var problem = Assert.Single(RecipeValidator.Validate(RecipeSetting.Apply(Good, setting), Dataset));

        Assert.Equal((ProblemSeverity.Warning, field), (problem.Severity, problem.Field));
    }

    [Fact]
    public void UnevenClasses_WithoutBalance_AreAWarningThatNamesThem()
    {
        var uneven = Dataset with { Counts = new[,] { { 900, 0, 0 }, { 150, 0, 0 } }, Classes = ["cats", "dogs"] };

        var problem = Assert.Single(RecipeValidator.Validate(Good, uneven));

        Assert.Equal("classBalance", problem.Field);
        Assert.Contains("'cats' has 6 times as many training images as 'dogs'", problem.Message, StringComparison.Ordinal);
        Assert.Empty(RecipeValidator.Validate(Good with { ClassBalance = ClassBalanceKind.Sampling }, uneven));
    }

    [Fact]
    public void FromScratch_OnAFewHundredPhotos_IsAWarning()
    {
        var recipe = Presets.Get(Presets.FromScratch).Apply(Good);

        Assert.Equal("mode", Assert.Single(RecipeValidator.Validate(recipe, Outlines.Of(244, 153))).Field);
    }

    [Fact]
    public void BatchNorms_ThatLearnFromTinyBatches_AreAWarning()
    {
        var recipe = Good with { BatchNorm = BatchNormKind.Train, BatchSize = 4 };

        Assert.Equal("batchSize", Assert.Single(RecipeValidator.Validate(recipe, Dataset)).Field);
    }

    [Theory]
    // What a batch of one leaves the last norms depends on the image, and on whether they learn.
    [InlineData("mode=fromScratch", true)]
    [InlineData("mode=fromScratch imageSize=33", false)]
    [InlineData("mode=fromScratch imageSize=64", false)]
    [InlineData("mode=fromScratch batchSize=2", false)]
    [InlineData("mode=fromScratch batchNorm=freeze", false)]
    [InlineData("mode=fromScratch imageSize=64 progressiveResizing=true", true)]
    [InlineData("mode=fromScratch imageSize=96 progressiveResizing=true", false)]
    [InlineData("mode=fromScratch backbone=mobilenet_v3_small mixup=0.2", true)]
    [InlineData("mode=fineTune batchNorm=train", true)]
    [InlineData("mode=fineTune batchNorm=train frozenStages=5", false)]
    [InlineData("mode=fineTune batchNorm=auto", false)]
    [InlineData("mode=transfer", false)]
    public void Batch_OfOneImageOnAMapOfOnePlace_IsAnErrorWhereNormsLearn(string settings, bool refused)
    {
        var recipe = settings.Split(' ').Aggregate(Good with { ImageSize = 32, BatchSize = 1 }, RecipeSetting.Apply);

        var errors = RecipeValidator.Validate(recipe, Outlines.Of(train: 101, val: 20))
            .Where(problem => problem.Severity == ProblemSeverity.Error).ToList();

        Assert.Equal(refused ? ["batchSize"] : [], errors.Select(error => error.Field));
        if (refused) Assert.Contains("one value per channel", errors[0].Message, StringComparison.Ordinal);
        if (refused) Assert.Contains("a batchSize of at least 2", errors[0].Remedy, StringComparison.Ordinal);
    }

    [Fact]
    public void Norms_ByThemselvesInALargeSet_LearnAndAreCounted() => Assert.Contains(
        RecipeValidator.Validate(Good with { BatchSize = 1, ImageSize = 32, BatchNorm = BatchNormKind.Auto }, Dataset),
        problem => problem is { Severity: ProblemSeverity.Error, Field: "batchSize" });

    [Fact]
    public void Classes_OfOneAndTwoImages_AreNamedBeforeTheStart()
    {
        var dataset = new DatasetOutline("pets", ["cat", "dog", "mouse"], new[,] { { 400, 0, 0 }, { 1, 0, 0 }, { 2, 0, 0 } }, []);

        var problems = RecipeValidator.Validate(Good with { ClassBalance = ClassBalanceKind.Weights }, dataset);

        Assert.All(problems, problem => Assert.Equal((ProblemSeverity.Warning, "valFraction"), (problem.Severity, problem.Field)));
        Assert.Equal(
            ["Never measured, for want of an image: 'dog'. The accuracy says nothing about it.",
                "Measured on a single image, so 0 % or 100 %: 'mouse'."],
            problems.Select(problem => problem.Message));
    }

    [Fact]
    public void Dataset_WithAFindingForEvaluating_CanBeTrainedOn()
    {
        var finding = new DatasetProblem(ProblemSeverity.Error, null, "Not for measuring.",
            "Nothing.") { Purpose = FindingPurpose.Evaluating };

        Assert.Empty(RecipeValidator.Validate(Good, Outlines.Of(2_000, 200, finding)));
    }
}

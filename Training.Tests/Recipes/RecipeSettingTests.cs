using System.Globalization;
using Training.Core.Recipes;

namespace Training.Tests.Recipes;

public sealed class RecipeSettingTests
{
    private static readonly Recipe Plain = new() { Dataset = "photos" };

    [Fact]
    public void Apply_OfEveryKindOfField_SetsIt()
    {
        var recipe = new[] { "epochs=7", "learningRate=3e-4", "optimizer=sgd", "MODE=FineTune", "name=a = b", "machine = rtx-box " }
            .Aggregate(Plain, RecipeSetting.Apply);

        Assert.Equal(Plain with
        {
            Epochs = 7, LearningRate = 3e-4, Optimizer = OptimizerKind.Sgd, Mode = TrainingMode.FineTune, Name = "a = b",
                Machine = "rtx-box",
        }, recipe);
        Assert.Equal(20, Plain.Epochs);
    }

    [Fact]
    public void Apply_OfAPreset_SetsAllItsFields() =>
        Assert.Equal(Presets.Get(Presets.ArticleAdam).Apply(Plain), RecipeSetting.Apply(Plain, "preset=adam001AllLayers"));

    [Theory]
    [InlineData("epochs", "field=value")]
    [InlineData("=3", "field=value")]
    [InlineData("epoch=3", "epochs, batchSize")]
    [InlineData("epochs=three", "epochs: 'three' is not a whole number")]
    [InlineData("epochs=2.5", "epochs: '2.5' is not a whole number")]
    [InlineData("learningrate=1,5", "learningRate: '1,5' is not a number")]
    [InlineData("optimizer=rmsprop", "optimizer: 'rmsprop' is not one of: adamW, adam, sgd")]
    [InlineData("optimizer=1", "optimizer: '1' is not one of")]
    [InlineData("preset=magic", "transfer, fineTune")]
    public void Apply_OfSomethingWrong_NamesTheFieldAndWhatIsExpected(string setting, string expected) =>
        Assert.Contains(expected, Assert.Throws<FormatException>(() => RecipeSetting.Apply(Plain, setting)).Message,
            StringComparison.Ordinal);

    [Fact]
    public void Apply_WhereTheDecimalSignIsAComma_StillReadsAPoint()
    {
        var former = CultureInfo.CurrentCulture;
        CultureInfo.CurrentCulture = CultureInfo.GetCultureInfo("de-DE");
        try
        {
            Assert.Equal(0.25, RecipeSetting.Apply(Plain, "warmupFraction=0.25").WarmupFraction);
            Assert.Equal("0.25", RecipeSetting.Read(Plain with { WarmupFraction = 0.25 }, "warmupFraction"));
        }
        finally
        {
            CultureInfo.CurrentCulture = former;
        }
    }

    [Fact]
    public void Differences_AppliedInOrder_GiveTheOtherRecipe()
    {
        var other = Presets.Get(Presets.FineTune).Apply(Plain) with { Epochs = 12, LearningRate = 1e-5, Name = "둘", Seed = -4 };
        var from = Presets.Get(Presets.FineTune).Apply(Plain);

        var settings = RecipeSetting.Differences(from, other);

        Assert.Equal(["name=둘", "epochs=12", "learningRate=1E-05", "seed=-4"], settings);
        Assert.Equal(other, settings.Aggregate(from, RecipeSetting.Apply));
        Assert.Empty(RecipeSetting.Differences(from, from));
    }
}

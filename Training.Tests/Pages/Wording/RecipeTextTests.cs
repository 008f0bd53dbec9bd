using Dashboard.Pages.Wording;
using Training.Core.Recipes;
using Training.Core.Runs;
using Training.Tests.TestKit;

namespace Training.Tests.Pages.Wording;

public sealed class RecipeTextTests
{
    [Fact]
    public void Lines_OfAnUnchangedPreset_MarkNothing()
    {
        var recipe = Presets.Get(Presets.FineTune).Apply(new Recipe { Dataset = "1" });

        Assert.All(RecipeText.Lines(recipe, EnglishWords.Localizer), line => Assert.Null(line.PresetValue));
    }

    [Fact]
    public void Lines_OfAChangedRate_SayWhatThePresetHas()
    {
        var preset = Presets.Get(Presets.ArticleAdam).Apply(new Recipe { Dataset = "1" });
        var recipe = preset with { LearningRate = 0.0005 };

        var changed = Assert.Single(RecipeText.Lines(recipe, EnglishWords.Localizer), line => line.PresetValue is not null);

        Assert.Equal(("learningRate", "0.0005", "0.01"), (changed.Field, changed.Value, changed.PresetValue));
    }

    [Fact]
    public void Lines_OfARecipe_NameEveryFieldOfItsJson()
    {
        var json = System.Text.Json.JsonSerializer.SerializeToElement(
            new Recipe { Dataset = "1", Name = "a", Preset = "fineTune", StartFrom = "3" }, CoreJson.Options);

        var shown = RecipeText.Lines(new Recipe { Dataset = "1", StartFrom = "3" }, EnglishWords.Localizer).Select(line => line.Field);

        Assert.Equal(json.EnumerateObject().Select(field => field.Name).Except(["dataset", "name", "preset"]).Order(), shown.Order());
    }
}

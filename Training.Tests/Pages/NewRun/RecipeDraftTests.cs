using Dashboard.Pages.NewRun;
using Training.Core.Data;
using Training.Core.Recipes;
using Training.Tests.Recipes;

namespace Training.Tests.Pages.NewRun;

public sealed class RecipeDraftTests
{
    private static readonly DatasetOutline Dataset = Outlines.Of(train: 244, val: 153);

    [Fact]
    public void Draft_OfAPresetAndADataset_IsThePresetThatFits()
    {
        var draft = Draft(Presets.Transfer);

        Assert.Equal(Presets.Get(Presets.Transfer).Apply(new Recipe { Dataset = "3" }).FitTo(Dataset), draft.Recipe);
        Assert.Empty(draft.Edited);
    }

    [Fact]
    public void Set_AnotherValue_IsAnEditUntilItIsThePresetsAgain()
    {
        var draft = Draft(Presets.Transfer);

        draft.Set("epochs", " 7 ");
        Assert.Equal((7, "7"), (draft.Recipe.Epochs, draft.Text("epochs")));
        Assert.Equal(["epochs"], draft.Edited);

        draft.Set("epochs", "60");
        Assert.Empty(draft.Edited);
    }

    [Fact]
    public void Set_ATextThatIsNoNumber_KeepsTheTextAndTheFormerValue()
    {
        var draft = Draft(Presets.Transfer);

        draft.Set("epochs", "many");

        Assert.Equal(("many", 60), (draft.Text("epochs"), draft.Recipe.Epochs));
        var problem = Assert.Single(draft.Unreadable);
        Assert.Equal(("epochs", ProblemSeverity.Error), (problem.Field, problem.Severity));
        Assert.StartsWith("'many' is not a whole number", problem.Message, StringComparison.Ordinal);

        draft.Set("epochs", "5");
        Assert.Empty(draft.Unreadable);
        Assert.Equal(5, draft.Recipe.Epochs);
    }

    [Fact]
    public void Take_AnotherPreset_DropsWhatBelongsToTheFormerAndKeepsTheRest()
    {
        var draft = Draft(Presets.Transfer);
        foreach (var (field, text) in new[] { ("epochs", "7"), ("learningRate", "rubbish"), ("name", "mine"), ("seed", "9"),
            ("backbone", "resnet50") })
            draft.Set(field, text);

        draft.Take(Presets.Get(Presets.FineTune));

        Assert.Equal(Presets.Get(Presets.FineTune).Apply(new Recipe { Dataset = "3", Name = "mine", Seed = 9, Backbone = "resnet50" }),
            draft.Recipe);
        Assert.Empty(draft.Unreadable);
    }

    [Fact]
    public void Use_AnotherDataset_FitsTheBatchButNotOneThatWasTyped()
    {
        var draft = Draft(Presets.Transfer);
        Assert.Equal(32, draft.Recipe.BatchSize);

        draft.Use("4", Outlines.Of(8_000, 2_000));
        Assert.Equal(64, draft.Recipe.BatchSize);

        draft.Set("batchSize", "16");
        draft.Use("3", Dataset);
        Assert.Equal(("3", 16), (draft.Recipe.Dataset, draft.Recipe.BatchSize));
    }

    [Fact]
    public void Of_AnyRecipe_GivesItAgainWithItsDifferencesAsEdits()
    {
        var recipe = Presets.Get(Presets.FineTune).Apply(new Recipe { Dataset = "3" }) with { Epochs = 12, LearningRate = 1e-5 };

        var draft = RecipeDraft.Of(recipe);

        Assert.Equal(recipe, draft.Recipe);
        Assert.Equal(["epochs", "learningRate"], draft.Edited.Order());
    }

    [Fact]
    public void Of_ARecipeWithoutPreset_StartsFromItsModesOwn()
    {
        var draft = RecipeDraft.Of(new Recipe { Dataset = "3", Mode = TrainingMode.FromScratch, Epochs = 5 });

        Assert.Equal((Presets.FromScratch, 5), (draft.Preset.Name, draft.Recipe.Epochs));
    }

    [Fact]
    public void Reset_AfterEdits_LeavesOnlyTheName()
    {
        var draft = Draft(Presets.FineTune);
        draft.Set("name", "mine");
        draft.Set("epochs", "many");
        draft.Set("seed", "5");

        draft.Reset();

        Assert.Equal(["name"], draft.Edited);
        Assert.Empty(draft.Unreadable);
    }

    private static RecipeDraft Draft(string preset)
    {
        var draft = new RecipeDraft(Presets.Get(preset));
        draft.Use("3", Dataset);
        return draft;
    }
}

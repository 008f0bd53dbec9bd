using Dashboard.Terminal;
using Training.Core.Recipes;
using Training.Tests.Recipes;

namespace Training.Tests.Terminal;

public sealed class TerminalCommandTests
{
    private static readonly Recipe Recipe = Presets.Get(Presets.FineTune)
        .Apply(new Recipe { Dataset = "3", Name = "mine", Machine = "rtx-box" });

    [Fact]
    public void Line_OfAPreset_NamesFolderAndPresetOnly() => Assert.Equal(
        "./run.sh train --data /photos/ants --out runs/ants---bees-fineTune --preset fineTune",
        TerminalCommand.Of(Recipe, "/photos/ants", Outlines.Of(2_000, 200)));

    [Fact]
    public void Line_OfAnEditedRecipe_HasOneSettingPerChange() => Assert.EndsWith(
        "--preset fineTune --set epochs=12 --set optimizer=sgd --set learningRate=1E-05",
        TerminalCommand.Of(Recipe with { Epochs = 12, LearningRate = 1e-5, Optimizer = OptimizerKind.Sgd }, "/p", Outlines.Of(2_000, 200)),
        StringComparison.Ordinal);

    [Fact]
    public void Settings_OfTheLine_GiveTheSameRecipeInTheTerminal()
    {
        var dataset = Outlines.Of(60, 20);
        var wanted = Presets.Get(Presets.Transfer)
            .Apply(new Recipe { Dataset = "/p" }) with { BatchSize = 3, Seed = 7, Backbone = "resnet50" };

        var words = TerminalCommand.Of(wanted, "/p", dataset).Split(' ');

        var start = Presets.Get(words[Array.IndexOf(words, "--preset") + 1]).Apply(new Recipe { Dataset = "/p" }).FitTo(dataset);
        var settings = words.Where((_, i) => i > 0 && words[i - 1] == "--set");
        Assert.Equal(wanted, settings.Aggregate(start, RecipeSetting.Apply));
    }

    [Theory]
    [InlineData("/my photos/ants", "--data '/my photos/ants' ")]
    [InlineData("/고양이", "--data '/고양이' ")]
    [InlineData("/it's", @"--data '/it'\''s' ")]
    [InlineData("/$(rm -rf ~)", "--data '/$(rm -rf ~)' ")]
    public void Folder_WithSpecialCharacters_IsQuotedForTheShell(string root, string expected) =>
        Assert.Contains(expected, TerminalCommand.Of(Recipe, root, Outlines.Of(2_000, 200)), StringComparison.Ordinal);
}

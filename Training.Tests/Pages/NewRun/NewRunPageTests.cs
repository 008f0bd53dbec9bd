using System.Globalization;
using System.Text.Json;
using Bunit;
using Dashboard.Storage;
using Microsoft.AspNetCore.Components;
using Training.Core.Recipes;
using Training.Core.Runs;

namespace Training.Tests.Pages.NewRun;

public sealed class NewRunPageTests : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly FormPage _form = new();

    public async ValueTask DisposeAsync() => await _form.DisposeAsync();

    [Fact]
    public void Page_WithoutAnyDataset_LeadsToAddingOne()
    {
        var page = _form.Open();

        Assert.Equal("/datasets", page.Find(".empty a").GetAttribute("href"));
        Assert.Empty(page.FindAll("#start-run"));
    }

    [Fact]
    public async Task Page_WithADataset_ShowsItsClassesSplitAndTheTransferPreset()
    {
        await _form.Builder("고양이와 개", "고양이", "<script>alert(1)</script>").BuildDatasetAsync();

        var page = _form.Open();

        Assert.Equal(["고양이", "<script>alert(1)</script>"], page.FindAll(".class .clip").Select(cell => cell.TextContent));
        Assert.Contains("The val split (24 images) is used for validation", page.Markup, StringComparison.Ordinal);
        Assert.Equal(2, page.FindAll(".strip img").Count);
        Assert.Empty(page.FindAll("script"));
        Assert.Equal("transfer", page.Find(".mode.on input").GetAttribute("value"));
        Assert.Contains("--preset transfer", page.Find(".terminal pre").TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Start_OnAPageThatNobodyListensToYet_CantBePressed()
    {
        await _form.Builder().BuildDatasetAsync();
        _form.SetRendererInfo(new RendererInfo("Static", isInteractive: false));

        var page = _form.Open();

        Assert.True(page.Find("#start-run").HasAttribute("disabled"), "a click would be lost");
    }

    [Fact]
    public async Task Mode_Chosen_StandsInTheAddressAndChangesTheRecipe()
    {
        await _form.Builder().BuildDatasetAsync();
        var page = _form.OpenAdvanced();

        page.Find(".mode input[value=fineTune]").Change("fineTune");

        page.WaitForAssertion(() => Assert.EndsWith("mode=fineTune", _form.Navigation.Uri, StringComparison.Ordinal), Patience);
        page.WaitForAssertion(() => Assert.Contains("--preset fineTune", page.Find(".terminal pre").TextContent, StringComparison.Ordinal),
            Patience);
        page.FindAll(".presets button").Single(button => button.TextContent == "Adam 0.01 on all layers").Click();

        page.WaitForAssertion(() =>
            Assert.Contains("--preset adam001AllLayers", page.Find(".terminal pre").TextContent, StringComparison.Ordinal), Patience);
        page.WaitForAssertion(() => Assert.Contains("preset=adam001AllLayers", _form.Navigation.Uri, StringComparison.Ordinal), Patience);
        page.WaitForAssertion(() =>
            Assert.Contains("destroys the pretrained features", page.Find("#field-learningRate").TextContent, StringComparison.Ordinal),
            Patience);
        Assert.False(page.Find("#start-run").HasAttribute("disabled"), "a warning must not block");
    }

    [Fact]
    public async Task Warning_OfAFoldedField_StandsBesideTheButtonWithTheBetterValueAsOneClick()
    {
        await _form.Builder().BuildDatasetAsync();

        var page = _form.Open("?mode=fineTune&preset=adam001AllLayers");

        Assert.False(page.Find("details.advanced").HasAttribute("open"));
        Assert.Contains("Adam at 0.01 on all layers destroys the pretrained features", page.Find(".start .note.w").TextContent,
            StringComparison.Ordinal);
        var offer = page.Find(".start .better");
        Assert.Equal("Take Learning rate 0.001, Backbone's part of the rate 0.1", offer.TextContent);
        offer.Click();

        page.WaitForAssertion(() => Assert.Empty(page.FindAll(".start .note.w")), Patience);
        Assert.Contains("--set learningRate=0.001", page.Find(".terminal pre").TextContent, StringComparison.Ordinal);
        Assert.Contains("Learning rate, Backbone's part of the rate", page.Find(".start dl").TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Field_NamedBesideTheButton_UnfoldsItsSectionWhenItIsChosen()
    {
        await _form.Builder().BuildDatasetAsync();
        var page = _form.Open("?mode=fineTune&preset=adam001AllLayers");

        page.Find(".start .note.w a").Click();

        page.WaitForAssertion(() => Assert.True(page.Find("details.advanced").HasAttribute("open")), Patience);
    }

    [Fact]
    public async Task Advanced_IsBuiltWhenItIsFirstOpenedAndKeptWhenItIsFoldedAgain()
    {
        await _form.Builder().BuildDatasetAsync();
        var page = _form.Open();
        Assert.Empty(page.FindAll("#field-epochs"));

        page.Find("details.advanced summary").Click();
        Assert.NotEmpty(page.FindAll("#field-priority"));
        page.Find("details.advanced summary").Click();

        Assert.False(page.Find("details.advanced").HasAttribute("open"));
        Assert.NotEmpty(page.FindAll("#field-epochs"));
    }

    [Theory]
    [InlineData("0", "Take a number from 1 to 1,000.")]
    [InlineData("many", "'many' is not a whole number")]
    public async Task Field_WithAWrongValue_SaysSoBesideItAndBlocksTheStart(string text, string expected)
    {
        await _form.Builder().BuildDatasetAsync();
        var page = _form.OpenAdvanced();

        page.Find("#field-epochs input").Input(text);

        page.WaitForAssertion(() => Assert.Contains(expected, page.Find("#field-epochs").TextContent, StringComparison.Ordinal), Patience);
        page.WaitForAssertion(() => Assert.True(page.Find("#start-run").HasAttribute("disabled")), Patience);
        Assert.EndsWith("#field-epochs", page.Find(".note.b a").GetAttribute("href"), StringComparison.Ordinal);
        Assert.True(page.Find("details.advanced").HasAttribute("open"), "what blocks the start must not be folded away");

        page.Find("#field-epochs input").Input("5");
        page.WaitForAssertion(() => Assert.False(page.Find("#start-run").HasAttribute("disabled")), Patience);
        Assert.Contains("--set epochs=5", page.Find(".terminal pre").TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Backbone_WithoutItsWeights_SaysWhereToPutThem()
    {
        var clone = await CloneOfAsync(recipe => recipe with { Backbone = "resnet50" });

        var page = _form.Open(clone);

        page.WaitForAssertion(() => Assert.Contains("resnet50-", page.Find("#field-backbone").TextContent, StringComparison.Ordinal),
            Patience);
        Assert.True(page.Find("#start-run").HasAttribute("disabled"));
    }

    [Fact]
    public async Task Estimate_OnceTheMachineIsMeasured_IsShownPerModeAndForTheRun()
    {
        await _form.Builder().BuildDatasetAsync();
        Assert.Contains("unknown", _form.Open().Find(".start").TextContent, StringComparison.Ordinal);

        _form.MeasureMachine();
        var page = _form.Open();

        Assert.Contains("a few seconds on this machine", page.Find(".start").TextContent, StringComparison.Ordinal);
        Assert.Contains("about", page.Find(".mode input[value=fromScratch]").ParentElement!.TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Start_OfAnEditedForm_QueuesTheRunAndOpensIt()
    {
        await _form.Builder().BuildDatasetAsync();
        var page = _form.OpenAdvanced("?mode=fineTune");
        page.Find("#field-epochs input").Input("3");
        page.WaitForAssertion(() => Assert.Contains("epochs=3", page.Find(".terminal pre").TextContent, StringComparison.Ordinal),
            Patience);

        page.Find("#start-run").Click();

        page.WaitForAssertion(() => Assert.Contains("/runs/", _form.Navigation.Uri, StringComparison.Ordinal), Patience);
        var run = Assert.Single(await _form.App.Runs.ListAsync());
        Assert.Equal(($"http://localhost/runs/{run.Id}", RunState.Queued), (_form.Navigation.Uri, run.State));
        Assert.Equal("cats and dogs · Fine-tuning", run.Name);
        Assert.Equal((3, TrainingMode.FineTune, Presets.FineTune), (run.Recipe.Epochs, run.Recipe.Mode, run.Recipe.Preset));
    }

    [Fact]
    public async Task Start_ClickedTwice_QueuesOneRun()
    {
        await _form.Builder().BuildDatasetAsync();
        var page = _form.OpenAdvanced("?mode=fineTune");
        page.WaitForAssertion(() => Assert.False(page.Find("#start-run").HasAttribute("disabled")), Patience);
        var start = page.Find("#start-run");

        await Task.WhenAll(start.ClickAsync(new()), start.ClickAsync(new()));
        page.WaitForAssertion(() => Assert.Contains("/runs/", _form.Navigation.Uri, StringComparison.Ordinal), Patience);
        await page.Find("#start-run").ClickAsync(new());

        Assert.Single(await _form.App.Runs.ListAsync());
    }

    [Fact]
    public async Task Clone_OfARun_FillsInItsRecipeAndMarksWhatDiffersFromItsPreset()
    {
        await _form.Builder("another").BuildDatasetAsync();
        var clone = await CloneOfAsync(recipe => recipe with { Epochs = 12, LearningRate = 1e-5, Name = "the first" });

        var page = _form.Open(clone);

        Assert.Contains("the first", page.Find(".head").TextContent, StringComparison.Ordinal);
        Assert.Equal("12", page.Find("#field-epochs input").GetAttribute("value"));
        Assert.Contains("Epochs, Learning rate", page.Find(".start").TextContent, StringComparison.Ordinal);
        Assert.True(page.Find("details.advanced").HasAttribute("open"));
        Assert.Equal("cats and dogs · Fine-tuning", page.Find(".start input").GetAttribute("placeholder"));
    }

    [Fact]
    public async Task Clone_WithSettings_StartsWithThemAndLeavesOutWhatIsNoField()
    {
        var clone = await CloneOfAsync(recipe => recipe);

        var page = _form.Open($"{clone}&set={Uri.EscapeDataString("epochs=20;augmentation=trivial;nonsense=1;=;")}");

        Assert.Equal("20", page.Find("#field-epochs input").GetAttribute("value"));
        Assert.Contains("Epochs, Augmentation", page.Find(".start").TextContent, StringComparison.Ordinal);
        Assert.True(page.Find("details.advanced").HasAttribute("open"));
    }

    [Fact]
    public async Task Clone_OfARunThatIsGone_SaysSoAndOffersTheForm()
    {
        await _form.Builder().BuildDatasetAsync();

        var page = _form.Open("?clone=99");

        Assert.Contains("There is no run 99", page.Find(".note.w").TextContent, StringComparison.Ordinal);
        Assert.NotEmpty(page.FindAll("#start-run"));
    }

    [Fact]
    public async Task Dataset_ThatIsGone_SaysSoAndBlocksTheStart()
    {
        await _form.Builder().BuildDatasetAsync();

        var page = _form.Open("?dataset=99");

        Assert.Contains("There is no dataset 99", page.Find(".note.w").TextContent, StringComparison.Ordinal);
        Assert.True(page.Find("#start-run").HasAttribute("disabled"));
    }

    private async Task<string> CloneOfAsync(Func<Recipe, Recipe> change)
    {
        var dataset = await _form.Builder().BuildDatasetAsync();
        var recipe = change(Presets.Get(Presets.FineTune)
            .Apply(new Recipe { Dataset = dataset.Id.ToString(CultureInfo.InvariantCulture) }));
        var run = new RunRow
        {
            Name = recipe.Name ?? "a run", DatasetId = dataset.Id, DatasetName = dataset.Name, CreatedAt = TimeProvider.System.GetUtcNow(),
            RecipeJson = JsonSerializer.Serialize(recipe, CoreJson.Options),
        };
        await _form.App.Runs.AddAsync(run, _ => { }, default);
        return $"?clone={run.Id}";
    }
}

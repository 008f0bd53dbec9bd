using Bunit;
using Dashboard.Pages.Run;
using Dashboard.Storage;
using Training.Core.Recipes;
using Training.Core.Runs;
using Training.Tests.TestKit;

namespace Training.Tests.Pages.Run;

public sealed class RunAdviceTests : ComponentTests
{
    [Fact]
    public void Advice_ForARunThatOverfits_OffersToStopItAndToCloneItWithBetterSettings()
    {
        var advice = Show(RunState.Training, (0.9, 0.8, 0.7), (0.6, 0.6, 0.80), (0.4, 0.62, 0.79), (0.3, 0.66, 0.78), (0.2, 0.71, 0.78));

        Assert.Contains("Validation loss has risen for 3 epochs while training loss fell", advice.Markup, StringComparison.Ordinal);
        Assert.Contains("Stop and keep epoch 2", advice.Markup, StringComparison.Ordinal);
        var link = advice.Find("a");
        Assert.Contains("Augmentation Crop and mirror", link.TextContent, StringComparison.Ordinal);
        Assert.Equal("/new?clone=7&set=earlyStopPatience%3D3%3Baugmentation%3DcropAndFlip%3BweightDecay%3D0.05", link.GetAttribute("href"));
    }

    [Fact]
    public void Advice_ForAnEndedRun_NoLongerOffersToStop() => Assert.DoesNotContain("Stop and keep",
        Show(RunState.Completed, (0.9, 0.8, 0.7), (0.6, 0.6, 0.80), (0.4, 0.62, 0.79), (0.3, 0.66, 0.78), (0.2, 0.71, 0.78)).Markup,
            StringComparison.Ordinal);

    [Fact]
    public void Advice_ForAHealthyRun_IsNotThere() =>
        Assert.Empty(Show(RunState.Training, (0.9, 0.8, 0.7), (0.5, 0.5, 0.85), (0.4, 0.45, 0.88), (0.35, 0.44, 0.885)).Markup.Trim());

    private IRenderedComponent<RunAdvice> Show(RunState state, params (double Train, double Val, double Accuracy)[] epochs)
    {
        var recipe = Presets.Get(Presets.Transfer).Apply(new Recipe { Dataset = "1" }) with { EarlyStopPatience = 0 };
        var run = new RunRow
        {
            Id = 7, Name = "a run", DatasetName = "photos",
                RecipeJson = System.Text.Json.JsonSerializer.Serialize(recipe, CoreJson.Options),
            State = state, Classes = ["cats", "dogs"], BestEpoch = 2,
        };
        return Render<RunAdvice>(parameters =>
            parameters.Add(view => view.Run, run).Add(view => view.Epochs, [.. epochs.Select((epoch, index) =>
            new EpochRow { RunId = 7, Epoch = index + 1, Step = index + 1, TrainLoss = epoch.Train, ValLoss = epoch.Val,
                ValAccuracy = epoch.Accuracy })]));
    }
}

using Training.Core.Recipes;
using Training.Core.Runs;

namespace Training.Tests.Recipes;

public sealed class RunDiagnosisTests
{
    private static readonly Recipe FineTune = Presets.Get(Presets.FineTune).Apply(new Recipe { Dataset = "1" });
    private static readonly Recipe Transfer = Presets.Get(Presets.Transfer).Apply(new Recipe { Dataset = "1" });

    [Fact]
    public void Of_RisingValidationLossWhileTrainingFalls_IsOverfittingWithItsBestEpoch()
    {
        var found = Of(Transfer, Epochs((0.9, 0.8, 0.7), (0.6, 0.6, 0.80), (0.4, 0.62, 0.79), (0.3, 0.66, 0.78), (0.2, 0.71, 0.78)));

        Assert.Equal(DiagnosisKind.Overfits, found!.Kind);
        Assert.Equal([3, 2], found.Values);
        Assert.Contains(("augmentation", "cropAndFlip"), found.Better);
        Assert.Contains(("earlyStopPatience", "3"), found.Better);
        // What it offers can be taken.
        var better = found.Better.Aggregate(Transfer, (recipe, change) => RecipeSetting.Apply(recipe, $"{change.Field}={change.Value}"));
        Assert.DoesNotContain(RecipeValidator.Validate(better), problem => problem.Severity == Training.Core.Data.ProblemSeverity.Error);
    }

    [Fact]
    public void Of_TwoRisingEpochsOrAFaintRise_IsNoise()
    {
        Assert.Null(Of(Transfer, Epochs((0.9, 0.8, 0.7), (0.6, 0.6, 0.80), (0.5, 0.55, 0.79), (0.3, 0.66, 0.78), (0.2, 0.71, 0.78))));
        Assert.Null(Of(Transfer, Epochs((0.9, 0.8, 0.7), (0.6, 0.600, 0.80), (0.4, 0.601, 0.79), (0.3, 0.602, 0.78), (0.2, 0.603, 0.78))));
    }

    [Fact]
    public void Of_LossesThatRiseTogether_IsNotOverfitting() =>
        Assert.Null(Of(Transfer, Epochs((0.9, 0.8, 0.7), (0.6, 0.6, 0.80), (0.7, 0.7, 0.79), (0.8, 0.8, 0.78), (0.9, 0.9, 0.78))));

    [Fact]
    public void Of_AccuracyOfGuessing_SaysSoAndTakesAnotherRate()
    {
        var epochs = Epochs((2.08, 2.08, 0.125), (2.08, 2.08, 0.13), (2.07, 2.08, 0.12), (2.08, 2.09, 0.125));

        var high = Of(FineTune with { LearningRate = 0.01 }, epochs, classes: 8)!;
        var low = Of(FineTune with { LearningRate = 1e-6 }, epochs, classes: 8)!;

        Assert.Equal(DiagnosisKind.AtChance, high.Kind);
        Assert.Equal([4, "12.5 %", "12.5 %"], high.Values);
        Assert.Equal([("learningRate", "0.001")], high.Better);
        Assert.Equal([("learningRate", "0.000003")], low.Better);
        Assert.Null(Of(FineTune, Epochs((2.08, 2.08, 0.125), (1.9, 2.0, 0.13), (1.7, 1.9, 0.15), (1.5, 1.8, 0.17)), classes: 8));
    }

    [Fact]
    public void Of_FineTuningBelowItsProbe_SaysThatTheHeadAloneWasBetter()
    {
        var probe = Epoch(0, 0.1, 0.2, 0.95);
        var worse = Epochs((0.5, 0.4, 0.88), (0.4, 0.38, 0.9), (0.35, 0.36, 0.91), (0.3, 0.35, 0.92));
        var equal = Epochs((0.5, 0.4, 0.88), (0.4, 0.38, 0.9), (0.35, 0.36, 0.945), (0.3, 0.35, 0.944));

        var found = Of(FineTune, [probe, .. worse])!;

        Assert.Equal(DiagnosisKind.BelowProbe, found.Kind);
        Assert.Equal(["95.0 %", 4, "92.0 %"], found.Values);
        Assert.Null(Of(FineTune, [probe, .. equal]));
    }

    [Fact]
    public void Of_BetterUntilTheLastEpoch_WantsMoreOnceItHasEnded()
    {
        var recipe = FineTune with { Epochs = 4 };
        var epochs = Epochs((0.9, 0.9, 0.6), (0.7, 0.7, 0.7), (0.6, 0.6, 0.75), (0.5, 0.5, 0.8));

        Assert.Null(Of(recipe, epochs));
        var found = Of(recipe, epochs, isOver: true)!;

        Assert.Equal(DiagnosisKind.StillImproving, found.Kind);
        Assert.Equal([("epochs", "8")], found.Better);
        Assert.Null(Of(FineTune, epochs, isOver: true));
    }

    [Fact]
    public void Of_EightEpochsWithoutProgress_IsAStallWhileItTrains()
    {
        var flat = Enumerable.Repeat((0.5, 0.5, 0.8), 8).ToArray();

        var found = Of(Transfer, Epochs([(0.9, 0.8, 0.7), (0.5, 0.49, 0.81), .. flat]))!;

        Assert.Equal(DiagnosisKind.Stalls, found.Kind);
        Assert.Equal([8, 2, "81.0 %"], found.Values);
        Assert.Null(Of(Transfer, Epochs([(0.9, 0.8, 0.7), (0.5, 0.49, 0.81), .. flat]), isOver: true));
        Assert.Null(Of(Transfer, Epochs([(0.9, 0.8, 0.7), .. flat])));
        Assert.Null(Of(Transfer, Epochs([(0.9, 0.8, 0.7), (0.5, 0.49, 0.81), .. flat[1..], (0.4, 0.5, 0.8)])));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Of_AHealthyRunOrAYoungOne_HasNothingToSay(bool isOver)
    {
        Assert.Null(Of(Transfer, Epochs((0.9, 0.8, 0.7), (0.5, 0.5, 0.85), (0.4, 0.45, 0.88), (0.35, 0.44, 0.885), (0.33, 0.44, 0.884)),
            isOver: isOver));
        Assert.Null(Of(Transfer, Epochs((2.1, 2.1, 0.12), (2.1, 2.2, 0.12), (2.1, 2.3, 0.12)), classes: 8, isOver: isOver));
        Assert.Null(Of(Transfer, [], isOver: isOver));
    }

    [Fact]
    public void Of_EpochsThatAreNoNumbers_HasNothingToSay() =>
        Assert.Null(Of(FineTune,
            Epochs((2.08, 2.08, 0.125), (2.08, 2.08, 0.13), (2.08, double.NaN, 0.12), (double.NaN, double.NaN, 0.125)), classes: 8));

    private static Diagnosis? Of(Recipe recipe, IReadOnlyList<EpochCompleted> epochs, int classes = 2, bool isOver = false) =>
        RunDiagnosis.Of(recipe, classes, epochs, isOver);

    private static IReadOnlyList<EpochCompleted> Epochs(params (double Train, double Val, double Accuracy)[] epochs) =>
        [.. epochs.Select((epoch, index) => Epoch(index + 1, epoch.Train, epoch.Val, epoch.Accuracy))];

    private static EpochCompleted Epoch(int epoch, double train, double val, double accuracy) =>
        new(epoch, epoch * 10, train, val, accuracy, 30, 60, 5, false);
}

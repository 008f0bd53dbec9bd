using System.Globalization;
using Training.Core.Data;
using Training.Core.Runs;

namespace Training.Core.Recipes;

/// <summary>What is wrong with a training, seen from its epochs.</summary>
public enum DiagnosisKind { Overfits, AtChance, BelowProbe, StillImproving, Stalls }

/// <param name="Text">A sentence for people with places for <paramref name="Values"/>, so that it can be translated.</param>
/// <param name="Better">Settings of a clone that would help, as field and value.</param>
public sealed record Diagnosis(
    DiagnosisKind Kind, string Text, IReadOnlyList<object> Values, IReadOnlyList<(string Field, string Value)> Better);

/// <summary>
/// Says in plain words what an experienced eye sees in the curves. Only what is clear: a healthy run gets no word, and nobody does in the
/// first three epochs.
/// </summary>
public static class RunDiagnosis
{
    /// <summary>Fewer epochs say nothing.</summary>
    private const int FewestEpochs = 4;

    /// <summary>One or two rising epochs are noise.</summary>
    private const int RisingEpochs = 3;

    /// <summary>By this part the validation loss has to have risen over its lowest.</summary>
    private const double ClearRise = 0.05;

    /// <summary>Accuracy up to so many times that of guessing is guessing.</summary>
    private const double NearChance = 1.2;

    /// <summary>A rate below this is more likely too low than too high.</summary>
    private const double LowRate = 1e-4;

    /// <summary>A training loss that fell by less than this part has not fallen.</summary>
    private const double ClearFall = 0.05;

    /// <summary>So long without any progress is more than noise.</summary>
    private const int StalledEpochs = 8;

    private const double OnePoint = 0.01;

    /// <param name="epochs">All so far, in order; epoch 0 is the frozen probe.</param>
    /// <param name="isOver">Whether the run has ended by itself.</param>
    /// <returns>The most important finding; null: none.</returns>
    public static Diagnosis? Of(Recipe recipe, int classes, IReadOnlyList<EpochCompleted> epochs, bool isOver)
    {
        var trained = epochs.Where(epoch => epoch.Epoch > 0).ToList();
        // Of a training that came to no number the run's end says why; NaN compares as false with everything.
        if (trained.Count < FewestEpochs || !epochs.All(IsNumber)) return null;
        var best = epochs.OrderByDescending(epoch => epoch.ValAccuracy).ThenBy(epoch => epoch.ValLoss).First();
        return AtChance(recipe, classes, trained)
            ?? BelowProbe(recipe, epochs, trained)
            ?? Overfits(recipe, trained, best)
            ?? (isOver ? StillImproving(recipe, trained) : Stalls(trained, best));
    }

    private static Diagnosis? AtChance(Recipe recipe, int classes, List<EpochCompleted> epochs)
    {
        var chance = 1.0 / Math.Max(1, classes);
        if (epochs.TakeLast(FewestEpochs).Any(epoch => epoch.ValAccuracy > chance * NearChance)
            || epochs[^1].TrainLoss < epochs[0].TrainLoss * (1 - ClearFall)) return null;
        return new Diagnosis(DiagnosisKind.AtChance,
            "It does not learn: after {0} epochs the accuracy is {1}, guessing gives {2}, and the training loss does not fall. The "
                + "learning rate is the usual reason.",
            [epochs.Count, Percent(epochs[^1].ValAccuracy), Percent(chance)],
            [("learningRate", Text(recipe.LearningRate >= LowRate ? recipe.LearningRate / 10 : recipe.LearningRate * 3))]);
    }

    private static Diagnosis? BelowProbe(Recipe recipe, IReadOnlyList<EpochCompleted> epochs, List<EpochCompleted> trained)
    {
        if (epochs[0] is not { Epoch: 0 } probe) return null;
        var best = trained.Max(epoch => epoch.ValAccuracy);
        if (best > probe.ValAccuracy - OnePoint) return null;
        return new Diagnosis(DiagnosisKind.BelowProbe,
            "Training all layers has made it worse: the head alone reached {0}, the best of {1} epochs since {2}. The pretrained layers "
                + "move too fast for this dataset, or transfer learning is all that it needs.",
            [Percent(probe.ValAccuracy), trained.Count, Percent(best)],
            [("backboneRateFactor", Text(recipe.BackboneRateFactor / 3))]);
    }

    private static Diagnosis? Overfits(Recipe recipe, List<EpochCompleted> epochs, EpochCompleted best)
    {
        var rising = 0;
        for (var index = epochs.Count - 1; index > 0 && epochs[index].ValLoss > epochs[index - 1].ValLoss; index--) rising++;
        if (rising < RisingEpochs) return null;
        var lowest = epochs.Min(epoch => epoch.ValLoss);
        if (epochs[^1].ValLoss < lowest * (1 + ClearRise) || epochs[^1].TrainLoss >= epochs[^(rising + 1)].TrainLoss) return null;
        return new Diagnosis(DiagnosisKind.Overfits,
            "Validation loss has risen for {0} epochs while training loss fell: it learns the training images by heart. The best was "
                + "epoch {1}.",
            [rising, best.Epoch], [.. AgainstOverfitting(recipe)]);
    }

    private static Diagnosis? StillImproving(Recipe recipe, List<EpochCompleted> epochs)
    {
        var last = epochs[^1];
        var before = epochs[^(epochs.Count / 4 + 1)];
        if (last.Epoch < recipe.Epochs || last.ValAccuracy < epochs.Max(epoch => epoch.ValAccuracy)
            || last.ValLoss > epochs.Min(epoch => epoch.ValLoss) * (1 + ClearRise) || last.ValAccuracy < before.ValAccuracy
                + OnePoint) return null;
        return new Diagnosis(DiagnosisKind.StillImproving,
            "It was still getting better when it ended: {0} in epoch {1}, {2} in epoch {3}. More epochs are worth a try.",
            [Percent(before.ValAccuracy), before.Epoch, Percent(last.ValAccuracy), last.Epoch],
            [("epochs", Math.Min(1000, recipe.Epochs * 2).ToString(CultureInfo.InvariantCulture))]);
    }

    private static Diagnosis? Stalls(List<EpochCompleted> epochs, EpochCompleted best)
    {
        if (epochs.Count <= StalledEpochs) return null;
        var (before, since) = (epochs[..^StalledEpochs], epochs[^StalledEpochs..]);
        if (since.Max(epoch => epoch.ValAccuracy) > before.Max(epoch => epoch.ValAccuracy)
            || since.Min(epoch => epoch.ValLoss) < before.Min(epoch => epoch.ValLoss) * (1 - ClearFall)
            || since.Min(epoch => epoch.TrainLoss) < before.Min(epoch => epoch.TrainLoss) * (1 - ClearFall)) return null;
        return new Diagnosis(DiagnosisKind.Stalls,
            "It has come to a halt: for {0} epochs neither the losses nor the accuracy have got better. The best is still epoch {1} with "
                + "{2}.",
            [StalledEpochs, best.Epoch, Percent(best.ValAccuracy)], []);
    }

    private static IEnumerable<(string, string)> AgainstOverfitting(Recipe recipe)
    {
        if (recipe.EarlyStopPatience is 0 or > RisingEpochs) yield return ("earlyStopPatience", Text(RisingEpochs));
        if (recipe.Augmentation is AugmentationKind.None or AugmentationKind.Flip) yield return ("augmentation", "cropAndFlip");
        else if (recipe.Augmentation == AugmentationKind.CropAndFlip) yield return ("augmentation", "trivial");
        if (recipe.WeightDecay < 0.05) yield return ("weightDecay", "0.05");
    }

    private static bool IsNumber(EpochCompleted epoch) =>
        double.IsFinite(epoch.TrainLoss) && double.IsFinite(epoch.ValLoss) && double.IsFinite(epoch.ValAccuracy);

    private static string Percent(double part) => Metrics.Percent.Of(part);

    private static string Text(double value) => value.ToString("0.######", CultureInfo.InvariantCulture);
}

using System.Globalization;
using Training.Core.Data;

namespace Training.Core.Recipes;

/// <summary>Warnings: the run can start, but its owner will most likely be disappointed.</summary>
internal static class RecipeAdvice
{
    // Adam's first step moves every weight by about the rate, whatever the gradient; a pretrained ResNet's weights are about 0.01–0.05.
    private const double HighestAdamRate = 1e-3;

    // SGD's step also scales with the gradient, which clipping keeps near 1 over the whole network.
    private const double HighestSgdRate = 0.05;

    private const int ManyEpochs = 200;

    /// <summary>Fewer training images than this rarely teach a network anything from random weights.</summary>
    private const int FewForScratch = 2000;

    /// <summary>Batch norms estimate mean and deviation from the batch.</summary>
    private const int FewForBatchNorm = 8;

    private const int Stride = 32;

    /// <summary>Below this, weighting changes little but the noise.</summary>
    private const double HighestRatio = 4;

    public static IEnumerable<RecipeProblem> Of(Recipe recipe, DatasetOutline? dataset)
    {
        if (DestroysFeatures(recipe) is { } rate) yield return rate;
        if (recipe.Epochs > ManyEpochs)
            yield return Warning("epochs", $"{recipe.Epochs} epochs are many: most runs stop getting better within 50.",
                "Take fewer, or let it stop early with earlyStopPatience 10.");
        foreach (var (field, name) in WithoutEffect(recipe))
            yield return Warning(field, $"{name} changes nothing here: the frozen backbone sees every image before the training.",
                "Leave it off, or fine-tune.");
        if (dataset is not null && recipe.ClassBalance == ClassBalanceKind.None && Imbalance(dataset) is { Ratio: >= HighestRatio } uneven)
            yield return Warning("classBalance",
                $"'{uneven.Largest}' has {uneven.Ratio:0} times as many training images as '{uneven.Smallest}': a model that rarely says "
                    + "the small class looks good.",
                "Weight the loss by class.");
        if (recipe.EarlyStopPatience >= recipe.Epochs && recipe.EarlyStopPatience > 0)
            yield return Warning("earlyStopPatience",
                $"A patience of {recipe.EarlyStopPatience} never ends a run of {recipe.Epochs} epochs.",
                "Take fewer epochs of patience, or 0 for none.");
        if (recipe.ImageSize % Stride != 0)
            yield return Warning("imageSize",
                $"{recipe.ImageSize} is not a multiple of {Stride}: the network's last steps cut off a border.",
                $"Take {NearestStride(recipe.ImageSize)}.");
        if (MovesBatchNorms(recipe) && recipe.BatchSize < FewForBatchNorm)
            yield return Warning("batchSize", $"Batch norms learn from {recipe.BatchSize} images at a time: their statistics get noisy.",
                "Take at least 8, or freeze the batch norms.");
        if (dataset is not null && recipe.Mode == TrainingMode.FromScratch
            && dataset.TrainCount(recipe.ValFraction) is var train and < FewForScratch)
            yield return Warning("mode", $"{train} training images are few for random weights: expect a much lower accuracy.",
                "Transfer learning is made for this. As a yardstick it is fine.");
    }

    private static RecipeProblem? DestroysFeatures(Recipe recipe)
    {
        if (recipe.Mode != TrainingMode.FineTune || recipe.BackboneRateFactor is not (>= 0 and <= 1)) return null;
        var adam = recipe.Optimizer != OptimizerKind.Sgd;
        var highest = adam ? HighestAdamRate : HighestSgdRate;
        var rate = recipe.LearningRate * recipe.BackboneRateFactor;
        if (!(rate > highest)) return null;
        var optimizer = recipe.Optimizer switch { OptimizerKind.AdamW => "AdamW", OptimizerKind.Adam => "Adam", _ => "SGD" };
        return Warning("learningRate",
            $"{optimizer} at {Text(rate)} on all layers destroys the pretrained features: within a few steps little of them is left.",
            adam ? "Take 0.001 with backboneRateFactor 0.1, so that pretrained layers move at 0.0001."
                : "Take 0.01 with backboneRateFactor 0.1, so that pretrained layers move at 0.001.");
    }

    private static IEnumerable<(string Field, string Name)> WithoutEffect(Recipe recipe)
    {
        if (recipe.Mode != TrainingMode.Transfer) yield break;
        if (recipe.Mixup > 0) yield return ("mixup", "Mixup");
        if (recipe.Cutmix > 0) yield return ("cutmix", "Cutmix");
        if (recipe.ProgressiveResizing) yield return ("progressiveResizing", "Progressive resizing");
    }

    /// <summary>How many times larger the largest class is than the smallest.</summary>
    private static (string Largest, string Smallest, double Ratio)? Imbalance(DatasetOutline dataset)
    {
        var counts = dataset.Classes.Select((name, label) => (name, count: dataset.Counts[label, (int)Split.Train])).ToList();
        if (counts.Count == 0 || counts.Min(each => each.count) == 0) return null;
        var (largest, smallest) = (counts.MaxBy(each => each.count), counts.MinBy(each => each.count));
        return (largest.name, smallest.name, (double)largest.count / smallest.count);
    }

    private static bool MovesBatchNorms(Recipe recipe) => recipe.Mode switch
    {
        TrainingMode.FromScratch => true,
        TrainingMode.FineTune => recipe.BatchNorm == BatchNormKind.Train,
        _ => false,
    };

    private static int NearestStride(int size) => Math.Clamp((size + Stride / 2) / Stride * Stride, Stride, 512);

    private static string Text(double value) => value.ToString("0.######", CultureInfo.InvariantCulture);

    private static RecipeProblem Warning(string field, string message, string remedy) =>
        new(ProblemSeverity.Warning, field, message, remedy);
}

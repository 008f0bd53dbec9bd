using System.Numerics;
using Training.Core.Data;
using Training.Core.Devices;
using Training.Core.Images;

namespace Training.Core.Recipes;

/// <summary>Named starting points of a recipe.</summary>
public static class Presets
{
    public const string Transfer = "transfer";
    public const string FineTune = "fineTune";
    public const string FromScratch = "fromScratch";
    public const string ArticleAdam = "adam001AllLayers";

    /// <summary>An epoch of fewer steps hardly moves the weights.</summary>
    private const int StepsPerEpochWanted = 4;

    public static IReadOnlyList<Preset> All { get; } =
    [
        new(Transfer, "Transfer learning",
            "Keeps the pretrained backbone as it is and trains a new last layer on its features: seconds an epoch, hard to get wrong.",
            TrainingMode.Transfer, recipe => Plain(recipe) with
            {
                Preset = Transfer, Mode = TrainingMode.Transfer, Epochs = 60, BatchSize = 64, LearningRate = 3e-3, EarlyStopPatience = 10,
            }),
        new(FineTune, "Fine-tuning",
            "Trains all layers, the pretrained ones ten times slower than the new last one, with a warm-up: the most accurate on photos "
                + "unlike ImageNet's.",
            TrainingMode.FineTune, recipe => Plain(recipe) with
            {
                Preset = FineTune, Mode = TrainingMode.FineTune, HeadEpochs = 60, Epochs = 10, BackboneRateFactor = 0.1,
                    LayerRateDecay = 0.7,
                ClipNorm = 1, LabelSmoothing = 0.1, Augmentation = AugmentationKind.CropAndFlip, EarlyStopPatience = 5,
            }),
        new(FromScratch, "From scratch",
            "Starts from random weights: the yardstick that shows what pretraining is worth; needs many photos and epochs.",
            TrainingMode.FromScratch, recipe => Plain(recipe) with
            {
                Preset = FromScratch, Mode = TrainingMode.FromScratch, Epochs = 30, Schedule = ScheduleKind.OneCycle,
                Augmentation = AugmentationKind.CropAndFlip,
            }),
        new(ArticleAdam, "Adam 0.01 on all layers",
            "The recipe of a well-known article that made fine-tuning look worse than training from scratch: its rate destroys the "
                + "pretrained features.",
            TrainingMode.FineTune, recipe => Plain(recipe) with
            {
                Preset = ArticleAdam, Mode = TrainingMode.FineTune, Epochs = 3, BatchSize = 64, Resize = ResizeKind.Squash,
                Optimizer = OptimizerKind.Adam, LearningRate = 0.01, WeightDecay = 0, Schedule = ScheduleKind.Constant, WarmupFraction = 0,
                BatchNorm = BatchNormKind.Train, Precision = PrecisionKind.Fp32,
            }),
    ];

    /// <summary>The preset that a mode starts from.</summary>
    public static Preset DefaultOf(TrainingMode mode) => Get(mode switch
    {
        TrainingMode.Transfer => Transfer,
        TrainingMode.FineTune => FineTune,
        _ => FromScratch,
    });

    /// <exception cref="ArgumentException">No preset has this name; the message lists the names.</exception>
    public static Preset Get(string name) =>
        All.FirstOrDefault(preset => preset.Name.Equals(name, StringComparison.OrdinalIgnoreCase))
        ?? throw new ArgumentException($"There is no preset '{name}'. Take one of: "
            + $"{string.Join(", ", All.Select(preset => preset.Name))}.", nameof(name));

    /// <summary>
    /// The recipe with a batch that suits a small dataset: a power of two that leaves at least 4 steps an epoch, and no batch of one image,
    /// of which norms learn little and on a map of one place nothing at all. The article's recipe only gets what it needs to run at all.
    /// </summary>
    public static Recipe FitTo(this Recipe recipe, DatasetOutline dataset)
    {
        var train = dataset.TrainCount(recipe.ValFraction);
        if (train < 1) return recipe;
        var most = recipe.Preset == ArticleAdam ? train : (int)BitOperations.RoundUpToPowerOf2((uint)(train / StepsPerEpochWanted + 1)) / 2;
        return recipe with { BatchSize = Math.Min(recipe.BatchSize, Math.Max(Math.Min(2, train), most)) };
    }

    /// <summary>Every training field at its default; what belongs to the run itself is kept.</summary>
    private static Recipe Plain(Recipe recipe) => new()
    {
        Dataset = recipe.Dataset, Name = recipe.Name, Backbone = recipe.Backbone, Seed = recipe.Seed,
        ValFraction = recipe.ValFraction, Machine = recipe.Machine,
    };
}

/// <param name="Name">Stable id, such as "fineTune".</param>
/// <param name="Title">What the page shows, such as "Adam 0.01 on all layers".</param>
/// <param name="Help">One plain sentence.</param>
/// <param name="Apply">Sets every training field of a recipe; keeps dataset, backbone, name, machine, seed and valFraction.</param>
public sealed record Preset(string Name, string Title, string Help, TrainingMode Mode, Func<Recipe, Recipe> Apply);

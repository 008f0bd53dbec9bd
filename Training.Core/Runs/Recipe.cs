using Training.Core.Backbones;

namespace Training.Core.Runs;

/// <summary>All settings of a run. Validated by <see cref="RecipeValidator"/> for page, API and terminal alike.</summary>
public sealed record Recipe
{
    /// <summary>In the dashboard the id or name of a dataset, in the terminal a folder.</summary>
    public required string Dataset { get; init; }

    /// <summary>The run's name on the page; made from dataset and mode when empty.</summary>
    public string? Name { get; init; }

    /// <summary>A name of <see cref="BackboneCatalog"/>.</summary>
    public string Backbone { get; init; } = BackboneCatalog.BuiltIn;

    public TrainingMode Mode { get; init; } = TrainingMode.Transfer;

    /// <summary>The preset that the other fields started from: a name of <see cref="Presets"/>.</summary>
    public string? Preset { get; init; }

    /// <summary>1–1,000.</summary>
    public int Epochs { get; init; } = 20;

    /// <summary>1–1,024 and at most the number of training samples.</summary>
    public int BatchSize { get; init; } = 32;

    /// <summary>Side of the square that the network sees, in pixels; 32–512.</summary>
    public int ImageSize { get; init; } = 224;

    public ResizeKind Resize { get; init; } = ResizeKind.CentreCrop;

    public OptimizerKind Optimizer { get; init; } = OptimizerKind.AdamW;

    /// <summary>Peak rate of the head; &gt; 0 and ≤ 10.</summary>
    public double LearningRate { get; init; } = 1e-3;

    /// <summary>The backbone's rate as a part of the head's, 0–1; 1 gives all layers the same rate.</summary>
    public double BackboneRateFactor { get; init; } = 1;

    /// <summary>Decoupled weight decay (AdamW) or L2 (Adam, SGD), 0–1; never on norms and biases.</summary>
    public double WeightDecay { get; init; } = 0.01;

    public ScheduleKind Schedule { get; init; } = ScheduleKind.Cosine;

    /// <summary>Part of all steps over which the rate rises linearly from zero, 0–0.5.</summary>
    public double WarmupFraction { get; init; } = 0.1;

    /// <summary>0–0.5.</summary>
    public double LabelSmoothing { get; init; }

    public BatchNormKind BatchNorm { get; init; } = BatchNormKind.Auto;

    public AugmentationKind Augmentation { get; init; } = AugmentationKind.None;

    public PrecisionKind Precision { get; init; } = PrecisionKind.Auto;

    public int Seed { get; init; } = 1;

    /// <summary>Part of the samples held out when the dataset has neither val nor test split; 0.05–0.5.</summary>
    public double ValFraction { get; init; } = 0.2;

    /// <summary>Stop after this many epochs without a better validation accuracy or loss; 0 never stops early.</summary>
    public int EarlyStopPatience { get; init; }

    /// <summary>A machine's name, or "any".</summary>
    public string Machine { get; init; } = AnyMachine;

    public const string AnyMachine = "any";
}

/// <summary>What moves: only the head, every layer from pretrained weights, or every layer from random ones.</summary>
public enum TrainingMode { Transfer, FineTune, FromScratch }

/// <summary>How a photo becomes a square: short side to size and the middle cut out, or both sides squeezed to size.</summary>
public enum ResizeKind { CentreCrop, Squash }

public enum OptimizerKind { AdamW, Adam, Sgd }

public enum ScheduleKind { Constant, Cosine, Step, OneCycle }

/// <summary>Whether batch norms learn. Auto keeps pretrained ones frozen below 1,000 training images, where their statistics would only get noisier.</summary>
public enum BatchNormKind { Auto, Train, Freeze }

public enum AugmentationKind { None, Flip, CropAndFlip }

/// <summary>Auto takes bf16 where the device computes it faster.</summary>
public enum PrecisionKind { Auto, Fp32, Bf16 }

using Training.Core.Backbones;
using Training.Core.Data;
using Training.Core.Devices;
using Training.Core.Images;

namespace Training.Core.Recipes;

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

    /// <summary>
    /// The model to start from instead of ImageNet's weights: in the dashboard a finished run's id or name, in the terminal a model's
    /// folder or a file of weights. Its backbone is this one; its head is taken where the classes are the same.
    /// </summary>
    public string? StartFrom { get; init; }

    /// <summary>The preset that the other fields started from: a name of <see cref="Presets"/>.</summary>
    public string? Preset { get; init; }

    /// <summary>1–1,000.</summary>
    public int Epochs { get; init; } = 20;

    /// <summary>1–1,024 and at most the number of training samples.</summary>
    public int BatchSize { get; init; } = 32;

    /// <summary>Side of the square that the network sees, in pixels; 32–512.</summary>
    public int ImageSize { get; init; } = 224;

    public ResizeKind Resize { get; init; } = ResizeKind.CentreCrop;

    /// <summary>
    /// JPEGs are decoded in full before they are resized, as torchvision does it. Otherwise large ones are decoded at a half, a quarter or
    /// an eighth, never below what is needed, which is up to six times as fast and differs in the finest detail only.
    /// </summary>
    public bool FullDecode { get; init; }

    public OptimizerKind Optimizer { get; init; } = OptimizerKind.AdamW;

    /// <summary>
    /// When fine-tuning: epochs of the head alone, on frozen features, before all layers move; 0–1,000. Its accuracy, the frozen probe, is
    /// epoch 0 of the run and the line to beat.
    /// </summary>
    public int HeadEpochs { get; init; }

    /// <summary>Peak rate of the head; &gt; 0 and ≤ 10.</summary>
    public double LearningRate { get; init; } = 1e-3;

    /// <summary>The backbone's rate as a part of the head's, 0–1; 1 gives all layers the same rate.</summary>
    public double BackboneRateFactor { get; init; } = 1;

    /// <summary>The rate of each stage of the backbone as a part of the next one's, 0.1–1: the first layers are the most general.</summary>
    public double LayerRateDecay { get; init; } = 1;

    /// <summary>Stages of the backbone, from the image on, that don't move when fine-tuning; 0–10.</summary>
    public int FrozenStages { get; init; }

    /// <summary>Longest gradient over all weights, longer ones are shortened; 0–1,000, 0: any.</summary>
    public double ClipNorm { get; init; }

    /// <summary>The saved weights are an exponential moving average with this part of the past, 0–0.9999; 0: none.</summary>
    public double EmaDecay { get; init; }

    /// <summary>Decoupled weight decay (AdamW) or L2 (Adam, SGD), 0–1; never on norms and biases.</summary>
    public double WeightDecay { get; init; } = 0.01;

    public ScheduleKind Schedule { get; init; } = ScheduleKind.Cosine;

    /// <summary>Part of all steps over which the rate rises linearly from zero, 0–0.5.</summary>
    public double WarmupFraction { get; init; } = 0.1;

    /// <summary>0–0.5.</summary>
    public double LabelSmoothing { get; init; }

    public BatchNormKind BatchNorm { get; init; } = BatchNormKind.Auto;

    public AugmentationKind Augmentation { get; init; } = AugmentationKind.None;

    /// <summary>Every other photo is turned upside down, for images without a top such as those of microscopes or satellites.</summary>
    public bool VerticalFlip { get; init; }

    /// <summary>Chance that a random rectangle is blanked out, 0–1.</summary>
    public double RandomErasing { get; init; }

    /// <summary>Pairs of images are blended, by a share from Beta(alpha, alpha); 0–1, 0: none.</summary>
    public double Mixup { get; init; }

    /// <summary>A rectangle of each image is replaced by another's, its area from Beta(alpha, alpha); 0–1, 0: none.</summary>
    public double Cutmix { get; init; }

    /// <summary>Small images first, growing to <see cref="ImageSize"/> over the first two thirds of the epochs.</summary>
    public bool ProgressiveResizing { get; init; }

    public ClassBalanceKind ClassBalance { get; init; } = ClassBalanceKind.None;

    /// <summary>Evaluates each image also mirrored and takes the mean of the logits.</summary>
    public bool TestTimeFlip { get; init; }

    public PrecisionKind Precision { get; init; } = PrecisionKind.Auto;

    public int Seed { get; init; } = 1;

    /// <summary>Part of the samples held out when the dataset has neither val nor test split; 0.05–0.5.</summary>
    public double ValFraction { get; init; } = 0.2;

    /// <summary>Stop after this many epochs without a better validation accuracy or loss; 0 never stops early.</summary>
    public int EarlyStopPatience { get; init; }

    /// <summary>A machine's name, or "any".</summary>
    public string Machine { get; init; } = AnyMachine;

    /// <summary>Of two runs that wait, the one of higher priority comes first.</summary>
    public RunPriority Priority { get; init; }

    /// <summary>Below this many training images pretrained batch norms stay frozen unless the recipe says otherwise.</summary>
    private const int BatchNormImages = 1000;

    /// <summary>Whether batch norms keep their statistics.</summary>
    /// <param name="images">To train on.</param>
    internal bool FreezesNorms(int images) => Mode == TrainingMode.Transfer || BatchNorm switch
    {
        BatchNormKind.Freeze => true,
        BatchNormKind.Train => false,
        _ => Mode == TrainingMode.FineTune && images < BatchNormImages,
    } || (Mode == TrainingMode.FineTune && FrozenStages >= BackboneSpec.StageCount);

    /// <summary>
    /// How often a frozen backbone looks at each training image, if those are changed each time; more hardly help a linear head.
    /// </summary>
    internal const int AugmentedViews = 4;

    /// <summary>How its training images are changed.</summary>
    internal AugmentationOptions Changes() => new(Augmentation, VerticalFlip, RandomErasing);

    public const string AnyMachine = "any";

    /// <summary>Any machine's GPU.</summary>
    public const string AnyGpu = "gpu";

    /// <summary>Any machine's processor.</summary>
    public const string AnyCpu = "cpu";
}

/// <summary>What moves: only the head, every layer from pretrained weights, or every layer from random ones.</summary>
public enum TrainingMode { Transfer, FineTune, FromScratch }

/// <summary>The number is what a queue is ordered by, highest first.</summary>
public enum RunPriority { Low = -1, Normal = 0, High = 1 }

public enum OptimizerKind { AdamW, Adam, Sgd }

/// <summary>Plateau: to a third whenever the validation loss has not fallen for two epochs.</summary>
public enum ScheduleKind { Constant, Cosine, Step, OneCycle, Plateau }

/// <summary>
/// Whether batch norms learn. Auto keeps pretrained ones frozen below 1,000 training images, where their statistics would only get noisier.
/// </summary>
public enum BatchNormKind { Auto, Train, Freeze }

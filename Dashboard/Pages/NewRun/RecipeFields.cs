using Training.Core.Data;
using Training.Core.Recipes;

namespace Dashboard.Pages.NewRun;

/// <summary>What the form says of each field under "Advanced": one plain sentence each. The texts are keys of the localizer.</summary>
internal static class RecipeFields
{
    private const string MachineField = "machine", PriorityField = "priority";

    private static readonly (string, string)[] NoYes = [("false", "No"), ("true", "Yes")];

    public static IReadOnlyList<FieldGroup> Groups { get; } =
    [
        new("Length and size",
        [
            new("epochs", "Epochs", "How often the model sees every training image."),
            new("earlyStopPatience", "Patience", "Stops after so many epochs without a better one; 0 never stops early."),
            new("batchSize", "Batch size", "Images per step: more are faster but need more memory."),
            new("imageSize", "Image size", "Side of the square that the model sees, in pixels: twice the size takes four times as long."),
            new("resize", "Resize", "How a photo becomes a square: the middle cut out, or the whole photo squeezed.",
                ("centreCrop", "Cut out the middle"), ("squash", "Squeeze the whole photo")),
            new("fullDecode", "Decode in full",
                "Every pixel of large JPEGs is decoded, as torchvision does it: slower, and hardly ever better.", NoYes),
            new("progressiveResizing", "Small images first", "Trains on smaller images at first, which is faster and often no worse.",
                NoYes) { IsShown = AllLayers },
        ]),
        new("Variety and balance",
        [
            new("augmentation", "Augmentation",
                "Shows every photo a little differently each time, so that the model doesn't learn it by heart; more wants more epochs.",
                ("none", "None"), ("flip", "Mirror"), ("cropAndFlip", "Crop and mirror"), ("cropFlipAndColour", "Crop, mirror and colours"),
                ("trivial", "Crop, mirror and one strong change (TrivialAugment)")),
            new("verticalFlip", "Upside down too", "For images without a top, such as those of microscopes or satellites.", NoYes),
            new("randomErasing", "Blank out a part",
                "Chance that a random rectangle is blanked out, against looking at one detail only; 0.25 is usual."),
            new("mixup", "Mixup", "Blends pairs of images and their labels; 0.2 is usual, for long runs.") { IsShown = AllLayers },
            new("cutmix", "Cutmix", "Pastes a part of another image and of its label; 1 is usual, for long runs.") { IsShown = AllLayers },
            new("classBalance", "Uneven classes", "What is done where some classes have many more images than others.",
                ("none", "Nothing"), ("weights", "Rare classes count more"), ("sampling", "Rare classes are seen more often")),
            new("testTimeFlip", "Judge mirrored too",
                "Looks at every image twice when judging, once mirrored: a little more accurate, half as fast.", NoYes),
        ]),
        new("How it learns",
        [
            new("optimizer", "Optimizer", "The rule that turns gradients into steps; AdamW is a safe choice.",
                ("adamW", "AdamW"), ("adam", "Adam"), ("sgd", "SGD with momentum")),
            new("learningRate", "Learning rate", "How far a step goes at its peak, in the new last layer."),
            new("headEpochs", "Head alone first",
                "Up to so many epochs of the last layer alone before all layers move: seconds, and the line to beat.") { IsShown =
                    FineTunes },
            new("backboneRateFactor", "Backbone's part of the rate",
                "0.1 moves the pretrained layers ten times slower than the last one; 1 moves all alike.")
            {
                IsShown = FineTunes,
            },
            new("layerRateDecay", "Earlier layers slower",
                "Each earlier part of the backbone moves at this part of the next one's rate; 1 moves all alike.") { IsShown = FineTunes },
            new("frozenStages", "Frozen first layers",
                "So many parts of the backbone, from the image on, stay as they are: faster, for few photos.") { IsShown = FineTunes },
            new("schedule", "Schedule", "How the rate changes over the run.",
                ("cosine", "Cosine: falls smoothly to zero"), ("oneCycle", "One cycle: rises, then falls"),
                ("step", "Steps: falls to a tenth twice"), ("plateau", "Plateau: falls to a third when the loss stalls"),
                ("constant", "Constant")),
            new("warmupFraction", "Warm-up", "Part of all steps over which the rate rises from zero; 0.1 is a tenth."),
            new("weightDecay", "Weight decay", "Pulls weights towards zero against learning by heart; 0 is off."),
            new("clipNorm", "Longest gradient", "Shortens sudden large steps; 1 is usual, 0 lets all pass."),
            new("emaDecay", "Average of weights",
                "Saves a moving average of the weights, which is steadier; 0.999 for runs of over 1,000 steps, 0 is off."),
            new("labelSmoothing", "Label smoothing", "Asks for a little less than certainty, which forgives wrong labels; 0 is off."),
            new("batchNorm", "Batch norms", "Whether the pretrained averages move along; frozen is better below some 1,000 images.",
                ("auto", "Decide by the dataset's size"), ("train", "Let them learn"), ("freeze", "Keep them frozen"))
            {
                IsShown = FineTunes,
            },
        ]),
        new("Split, repeatability and machine",
        [
            new("valFraction", "Held out for validation", "Part of the images that the model never trains on; 0.2 is a fifth.")
            {
                IsShown = (_, dataset) => dataset is null || !dataset.HasValidation(),
            },
            new("seed", "Seed", "The same seed on the same machine gives the same numbers."),
            new("precision", "Precision", "bf16 is faster where the device has it; fp32 is exact.",
                ("auto", "The fastest on the device"), ("fp32", "fp32"), ("bf16", "bf16"), ("tf32", "tf32 (GPUs since 2020)")),
        ]),
    ];

    /// <summary>After the machine's, which depends on what has joined.</summary>
    public static FieldInfo Priority { get; } = new(PriorityField, "Priority",
        "Of the runs that wait, those of higher priority come first.",
        ("high", "High"), ("normal", "Normal"), ("low", "Low"));

    private static bool FineTunes(Recipe recipe, DatasetOutline? dataset) => recipe.Mode == TrainingMode.FineTune;

    private static bool AllLayers(Recipe recipe, DatasetOutline? dataset) => recipe.Mode != TrainingMode.Transfer;

    private static readonly Dictionary<string, string> Titles = Groups
        .SelectMany(group => group.Fields).ToDictionary(field => field.Name, field => field.Title);

    /// <summary>The title of any field; of one that the form shows elsewhere too.</summary>
    public static string Title(string field) => Titles.GetValueOrDefault(field) ?? field switch
    {
        "name" => "Name",
        "dataset" => "Dataset",
        "backbone" => "Backbone",
        "startFrom" => "Starts from",
        "mode" => "Way of training",
        MachineField => "Machine",
        PriorityField => Priority.Title,
        _ => field,
    };

    /// <summary>What the form shows for a value: the title of a choice, else the value itself.</summary>
    public static string ValueTitle(string field, string value) => Groups.SelectMany(group => group.Fields)
        .FirstOrDefault(each => each.Name == field)?.Choices.FirstOrDefault(choice => choice.Value == value).Title ?? value;

    public static string ValueTitle(RunPriority priority) =>
        Priority.Choices.First(choice => choice.Value.Equals(priority.ToString(), StringComparison.OrdinalIgnoreCase)).Title;

    public static bool IsAdvanced(string field) => field is MachineField or PriorityField || Titles.ContainsKey(field);
}

public sealed record FieldGroup(string Title, IReadOnlyList<FieldInfo> Fields);

/// <param name="Name">The recipe's field in camelCase.</param>
/// <param name="Help">One plain sentence.</param>
/// <param name="Choices">Values with their titles; none for a number.</param>
public sealed record FieldInfo(string Name, string Title, string Help, params IReadOnlyList<(string Value, string Title)> Choices)
{
    /// <summary>Whether the field means anything here; one with a problem is shown always.</summary>
    public Func<Recipe, DatasetOutline?, bool> IsShown { get; init; } = (_, _) => true;
}

using Training.Core.Data;
using Training.Core.Runs;

namespace Dashboard.Recipes;

/// <summary>What the form says of each field under "Advanced": one plain sentence each. The texts are keys of the localizer.</summary>
internal static class RecipeFields
{
    private const string MachineField = "machine";

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
            new("augmentation", "Augmentation", "Shows every photo a little differently each time, so that the model doesn't learn it by heart.",
                ("none", "None"), ("flip", "Mirror at random"), ("cropAndFlip", "Crop and mirror at random")),
        ]),
        new("How it learns",
        [
            new("optimizer", "Optimizer", "The rule that turns gradients into steps; AdamW is a safe choice.",
                ("adamW", "AdamW"), ("adam", "Adam"), ("sgd", "SGD with momentum")),
            new("learningRate", "Learning rate", "How far a step goes at its peak, in the new last layer."),
            new("backboneRateFactor", "Backbone's part of the rate", "0.1 moves the pretrained layers ten times slower than the last one; 1 moves all alike.")
            {
                IsShown = (recipe, _) => recipe.Mode == TrainingMode.FineTune,
            },
            new("schedule", "Schedule", "How the rate changes over the run.",
                ("cosine", "Cosine: falls smoothly to zero"), ("oneCycle", "One cycle: rises, then falls"),
                ("step", "Steps: falls to a tenth twice"), ("constant", "Constant")),
            new("warmupFraction", "Warm-up", "Part of all steps over which the rate rises from zero; 0.1 is a tenth."),
            new("weightDecay", "Weight decay", "Pulls weights towards zero against learning by heart; 0 is off."),
            new("labelSmoothing", "Label smoothing", "Asks for a little less than certainty, which forgives wrong labels; 0 is off."),
            new("batchNorm", "Batch norms", "Whether the pretrained averages move along; frozen is better below some 1,000 images.",
                ("auto", "Decide by the dataset's size"), ("train", "Let them learn"), ("freeze", "Keep them frozen"))
            {
                IsShown = (recipe, _) => recipe.Mode == TrainingMode.FineTune,
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
                ("auto", "The faster one on the device"), ("fp32", "fp32"), ("bf16", "bf16")),
        ]),
    ];

    private static readonly Dictionary<string, string> Titles = Groups
        .SelectMany(group => group.Fields).ToDictionary(field => field.Name, field => field.Title);

    /// <summary>The title of any field; of one that the form shows elsewhere too.</summary>
    public static string Title(string field) => Titles.GetValueOrDefault(field) ?? field switch
    {
        "name" => "Name",
        "dataset" => "Dataset",
        "backbone" => "Backbone",
        "mode" => "Way of training",
        MachineField => "Machine",
        _ => field,
    };

    /// <summary>What the form shows for a value: the title of a choice, else the value itself.</summary>
    public static string ValueTitle(string field, string value) => Groups.SelectMany(group => group.Fields)
        .FirstOrDefault(each => each.Name == field)?.Choices.FirstOrDefault(choice => choice.Value == value).Title ?? value;

    public static bool IsAdvanced(string field) => field == MachineField || Titles.ContainsKey(field);
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

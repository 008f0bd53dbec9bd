using System.Globalization;
using Microsoft.Extensions.Localization;
using Training.Core.Recipes;

namespace Dashboard.Pages.Wording;

/// <param name="Field">The recipe's field in camelCase, as in JSON.</param>
/// <param name="PresetValue">What the preset says where it differs; null where it doesn't.</param>
public sealed record RecipeLine(string Field, string Name, string Value, string? PresetValue);

/// <summary>A recipe in words, with what differs from its preset.</summary>
public static class RecipeText
{
    private static readonly (string Field, string Name, Func<Recipe, object?> Value)[] Fields =
    [
        ("mode", "Mode", r => r.Mode),
        ("backbone", "Backbone", r => r.Backbone),
        ("startFrom", "Starts from the model of run", r => r.StartFrom),
        ("epochs", "Epochs", r => r.Epochs),
        ("batchSize", "Batch size", r => r.BatchSize),
        ("optimizer", "Optimizer", r => r.Optimizer),
        ("headEpochs", "Epochs of the head alone before", r => r.HeadEpochs),
        ("learningRate", "Learning rate", r => r.LearningRate),
        ("backboneRateFactor", "Rate of the backbone, as a part", r => r.BackboneRateFactor),
        ("layerRateDecay", "Rate of each earlier part of the backbone, as a part of the next", r => r.LayerRateDecay),
        ("frozenStages", "Parts of the backbone that stay as they are", r => r.FrozenStages),
        ("schedule", "Schedule", r => r.Schedule),
        ("warmupFraction", "Warm-up, as a part of all steps", r => r.WarmupFraction),
        ("weightDecay", "Weight decay", r => r.WeightDecay),
        ("clipNorm", "Longest gradient (0: any)", r => r.ClipNorm),
        ("emaDecay", "Average of weights (0: none)", r => r.EmaDecay),
        ("labelSmoothing", "Label smoothing", r => r.LabelSmoothing),
        ("batchNorm", "Batch norms", r => r.BatchNorm),
        ("augmentation", "Augmentation", r => r.Augmentation),
        ("verticalFlip", "Upside down too", r => r.VerticalFlip),
        ("randomErasing", "Chance that a part is blanked out", r => r.RandomErasing),
        ("mixup", "Mixup", r => r.Mixup),
        ("cutmix", "Cutmix", r => r.Cutmix),
        ("classBalance", "Uneven classes", r => r.ClassBalance),
        ("testTimeFlip", "Judges mirrored images too", r => r.TestTimeFlip),
        ("progressiveResizing", "Small images first", r => r.ProgressiveResizing),
        ("imageSize", "Image size in pixels", r => r.ImageSize),
        ("resize", "Resize", r => r.Resize),
        ("fullDecode", "Decodes large JPEGs in full", r => r.FullDecode),
        ("precision", "Precision", r => r.Precision),
        ("earlyStopPatience", "Stops after epochs without a better one (0: never)", r => r.EarlyStopPatience),
        ("seed", "Seed", r => r.Seed),
        ("valFraction", "Validation share, if the dataset has no split", r => r.ValFraction),
        ("machine", "Machine", r => r.Machine),
        ("priority", "Priority in the queue", r => r.Priority),
    ];

    public static IReadOnlyList<RecipeLine> Lines(Recipe recipe, IStringLocalizer<Words> words)
    {
        ArgumentNullException.ThrowIfNull(recipe);
        var preset = PresetOf(recipe)?.Apply(recipe) ?? recipe;
        return [.. Fields.Where(field => field.Value(recipe) is not null).Select(field =>
        {
            string value = Text(field.Value(recipe)), asPreset = Text(field.Value(preset));
            return new RecipeLine(field.Field, words[field.Name], value, value == asPreset ? null : asPreset);
        })];
    }

    /// <summary>Null when the recipe started from none, or from one that this version doesn't know.</summary>
    public static Preset? PresetOf(Recipe recipe) => Presets.All.FirstOrDefault(preset => preset.Name == recipe?.Preset);

    /// <summary>Values are written as in JSON: what is read here can be typed there.</summary>
    private static string Text(object? value) => value switch
    {
        double number => number.ToString("0.######", CultureInfo.InvariantCulture),
        bool flag => flag ? "true" : "false",
        Enum word => System.Text.Json.JsonNamingPolicy.CamelCase.ConvertName(word.ToString()),
        _ => Convert.ToString(value, CultureInfo.InvariantCulture) ?? "",
    };
}

using System.Globalization;
using Training.Core.Backbones;
using Training.Core.Data;

namespace Training.Core.Recipes;

/// <summary>The one place that says whether a recipe can run.</summary>
public static class RecipeValidator
{
    private const int LongestName = 200;

    /// <summary>As Linux has it; in the terminal a dataset is a folder.</summary>
    private const int LongestPath = 4096;

    /// <summary>Checks the fields, and with a dataset also what depends on it (batch larger than the set, one class …).</summary>
    /// <returns>Errors and warnings, each naming its field in camelCase; a run may start when there is no error.</returns>
    public static IReadOnlyList<RecipeProblem> Validate(Recipe recipe, DatasetOutline? dataset = null)
    {
        var errors = Fields(recipe).Concat(dataset is null ? [] : RecipeDatasetRules.Errors(recipe, dataset)).ToList();
        // Advice on a field that is wrong anyway would only distract.
        var wrong = errors.Select(error => error.Field).ToHashSet();
        if (wrong.Contains("epochs")) wrong.Add("earlyStopPatience");
        var advice = RecipeAdvice.Of(recipe, dataset).Concat(dataset is null ? [] : RecipeDatasetRules.Warnings(recipe, dataset))
            .Where(warning => !wrong.Contains(warning.Field) || warning.Field == RecipeDatasetRules.DatasetField);
        return [.. errors, .. advice];
    }

    private static IEnumerable<RecipeProblem> Fields(Recipe recipe)
    {
        if (string.IsNullOrWhiteSpace(recipe.Dataset))
            yield return Error("dataset", "No dataset is chosen.", "Choose one, or add a folder of photos first.");
        foreach (var problem in Lengths(recipe)) yield return problem;
        if (BackboneCatalog.All.All(spec => spec.Name != recipe.Backbone) && recipe.Backbone is { Length: <= LongestName })
            yield return Error("backbone", $"There is no backbone '{recipe.Backbone}'.",
                $"Take one of: {string.Join(", ", BackboneCatalog.All.Select(spec => spec.Name))}.");
        if (recipe.StartFrom is not null && recipe.Mode == TrainingMode.FromScratch)
            yield return Error("startFrom", "Training from scratch starts from random weights.",
                "Choose fine-tuning or transfer learning, or no model to start from.");
        if (recipe.Preset is { Length: <= LongestName } preset && Presets.All.All(each => each.Name != preset))
            yield return Error("preset", $"There is no preset '{preset}'.",
                $"Take one of: {string.Join(", ", Presets.All.Select(each => each.Name))}, or none.");
        if (string.IsNullOrWhiteSpace(recipe.Machine))
            yield return Error("machine", "No machine is named.", $"Name one, or write \"{Recipe.AnyMachine}\".");
        foreach (var problem in Numbers(recipe)) yield return problem;
        foreach (var problem in Words(recipe)) yield return problem;
    }

    /// <summary>Every text is kept, shown in lists and said again in answers.</summary>
    private static IEnumerable<RecipeProblem> Lengths(Recipe recipe) =>
        new (string Field, string What, string? Text, int Most)[]
        {
            ("name", "The name", recipe.Name, LongestName),
            ("dataset", "The dataset", recipe.Dataset, LongestPath),
            ("startFrom", "The model to start from", recipe.StartFrom, LongestPath),
            ("backbone", "The backbone", recipe.Backbone, LongestName),
            ("preset", "The preset", recipe.Preset, LongestName),
            ("machine", "The machine", recipe.Machine, LongestName),
        }
        .Where(text => text.Text?.Length > text.Most)
        .Select(text => Error(text.Field, $"{text.What} has {text.Text!.Length} characters.", $"Use at most {text.Most}."));

    private static IEnumerable<RecipeProblem> Numbers(Recipe recipe) => new[]
    {
        Between("epochs", recipe.Epochs, 1, 1000),
        Between("batchSize", recipe.BatchSize, 1, 1024),
        Between("imageSize", recipe.ImageSize, 32, 512),
        recipe.LearningRate == 0
            ? Error("learningRate", "At a learning rate of 0 nothing is learned.", "Take a number above 0, such as 0.001.")
            : Between("learningRate", recipe.LearningRate, 0, 10),
        Between("backboneRateFactor", recipe.BackboneRateFactor, 0, 1),
        Between("headEpochs", recipe.HeadEpochs, 0, 1000),
        Between("layerRateDecay", recipe.LayerRateDecay, 0.1, 1),
        Between("frozenStages", recipe.FrozenStages, 0, 10),
        Between("clipNorm", recipe.ClipNorm, 0, 1000),
        Between("emaDecay", recipe.EmaDecay, 0, 0.9999),
        Between("randomErasing", recipe.RandomErasing, 0, 1),
        Between("mixup", recipe.Mixup, 0, 1),
        Between("cutmix", recipe.Cutmix, 0, 1),
        Between("weightDecay", recipe.WeightDecay, 0, 1),
        Between("warmupFraction", recipe.WarmupFraction, 0, 0.5),
        Between("labelSmoothing", recipe.LabelSmoothing, 0, 0.5),
        Between("valFraction", recipe.ValFraction, 0.05, 0.5),
        Between("earlyStopPatience", recipe.EarlyStopPatience, 0, 1000),
    }.OfType<RecipeProblem>();

    // A number cast to an enum gets past the compiler, though not past JSON.
    private static IEnumerable<RecipeProblem> Words(Recipe recipe) => new[]
    {
        Known("mode", recipe.Mode), Known("resize", recipe.Resize), Known("optimizer", recipe.Optimizer),
        Known("schedule", recipe.Schedule), Known("batchNorm", recipe.BatchNorm), Known("augmentation", recipe.Augmentation),
        Known("precision", recipe.Precision), Known("classBalance", recipe.ClassBalance),
        Known("priority", recipe.Priority),
    }.OfType<RecipeProblem>();

    private static RecipeProblem? Known<T>(string field, T value) where T : struct, Enum =>
        Enum.IsDefined(value) ? null
        : Error(field, $"'{value}' is not a choice.", $"Take one of: {string.Join(", ", Enum.GetNames<T>())}.");

    private static RecipeProblem? Between(string field, double value, double low, double high) =>
        value >= low && value <= high ? null
        : double.IsFinite(value)
            ? Error(field, $"{Text(value)} is out of range.", $"Take a number from {Text(low)} to {Text(high)}.")
            : Error(field, "This is not a number.", $"Take a number from {Text(low)} to {Text(high)}.");

    private static string Text(double value) => value.ToString("#,0.######", CultureInfo.InvariantCulture);

    private static RecipeProblem Error(string field, string message, string remedy) =>
        new(ProblemSeverity.Error, field, message, remedy);
}

/// <param name="Field">The recipe's field in camelCase, such as "learningRate".</param>
/// <param name="Message">What is wrong, in a sentence for people.</param>
/// <param name="Remedy">What to do about it, in a sentence.</param>
public sealed record RecipeProblem(ProblemSeverity Severity, string Field, string Message, string Remedy);

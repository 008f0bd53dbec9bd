using System.Globalization;
using Training.Core.Data;
using Training.Core.Recipes;

namespace Dashboard.Pages.NewRun;

/// <summary>The values that a warning recommends, for one click: what its remedy says in words.</summary>
public static class BetterSettings
{
    private const int Stride = 32;

    /// <summary>Fields with better values as text; empty when the remedy is no matter of a value.</summary>
    public static IReadOnlyList<(string Field, string Text)> Of(RecipeProblem warning, Recipe recipe)
    {
        ArgumentNullException.ThrowIfNull(warning);
        ArgumentNullException.ThrowIfNull(recipe);
        return warning.Severity != ProblemSeverity.Warning ? [] : warning.Field switch
        {
            // As in the fine-tuning preset: the pretrained layers ten times slower than the new one.
            "learningRate" => [("learningRate", recipe.Optimizer == OptimizerKind.Sgd ? "0.01" : "0.001"), ("backboneRateFactor", "0.1")],
            "epochs" => [("epochs", "200"), ("earlyStopPatience", "10")],
            "mixup" or "cutmix" => [(warning.Field, "0")],
            "progressiveResizing" => [("progressiveResizing", "false")],
            "classBalance" => [("classBalance", "weights")],
            "earlyStopPatience" => [("earlyStopPatience", "0")],
            "imageSize" => [("imageSize", Text(Math.Clamp((recipe.ImageSize + Stride / 2) / Stride * Stride, Stride, 512)))],
            "batchSize" => [("batchSize", "8")],
            _ => [],
        };
    }

    private static string Text(int value) => value.ToString(CultureInfo.InvariantCulture);
}

using Training.Core.Recipes;

namespace Dashboard.Runs.Submission;

/// <summary>The name that a run gets when nobody gives it one.</summary>
public static class RecipeName
{
    /// <summary>Such as "trash sorter · Fine-tuning".</summary>
    public static string Default(string dataset, Recipe recipe)
    {
        ArgumentNullException.ThrowIfNull(recipe);
        var preset = Presets.All.FirstOrDefault(preset => preset.Name == recipe.Preset && preset.Mode == recipe.Mode);
        return $"{dataset} · {(preset ?? Presets.DefaultOf(recipe.Mode)).Title}";
    }
}

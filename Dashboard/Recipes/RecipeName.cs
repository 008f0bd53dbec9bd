using Training.Core.Runs;

namespace Dashboard.Recipes;

/// <summary>The name that a run gets when nobody gives it one.</summary>
internal static class RecipeName
{
    public static string Default(string dataset, Recipe recipe) => $"{dataset} · {Way(recipe)}";

    private static string Way(Recipe recipe) => recipe switch
    {
        { Preset: Presets.ArticleAdam } => Presets.Get(Presets.ArticleAdam).Title,
        { Mode: TrainingMode.Transfer } => "transfer",
        { Mode: TrainingMode.FineTune } => "fine-tune",
        _ => "from scratch",
    };
}

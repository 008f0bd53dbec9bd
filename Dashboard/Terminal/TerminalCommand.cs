using System.Text;
using Training.Core.Data;
using Training.Core.Recipes;

namespace Dashboard.Terminal;

/// <summary>The line that trains the same recipe from the terminal.</summary>
internal static class TerminalCommand
{
    // What the terminal takes from its own options, or has no use for.
    private static readonly string[] Left = ["dataset", "name", "preset", "machine", "priority"];

    /// <param name="root">Folder of the dataset.</param>
    /// <param name="layout">How somebody said that the folder is to be read; empty: nobody did.</param>
    public static string Of(Recipe recipe, string root, DatasetOutline? outline, string layout = "")
    {
        var preset = Presets.All.FirstOrDefault(each => each.Name == recipe.Preset) ?? Presets.DefaultOf(recipe.Mode);
        var start = preset.Apply(new Recipe { Dataset = recipe.Dataset });
        if (outline is not null) start = start.FitTo(outline);
        var line = new StringBuilder($"./run.sh train --data {Quote(root)} --out {Quote(Folder(outline?.Name ?? "run", preset.Name))} "
            + $"--preset {preset.Name}");
        if (layout.Length > 0) line.Append(" --layout ").Append(Quote(layout));
        foreach (var setting in RecipeSetting.Differences(start, recipe))
            if (!Left.Contains(setting[..setting.IndexOf('=', StringComparison.Ordinal)])) line.Append(" --set ").Append(Quote(setting));
        return line.ToString();
    }

    private static string Folder(string dataset, string preset)
    {
        var name = new string([.. dataset.Select(letter => char.IsLetterOrDigit(letter) ? letter : '-')]).Trim('-');
        return $"runs/{(name.Length > 0 ? name : "run")}-{preset}";
    }

    /// <summary>As a POSIX shell takes it literally.</summary>
    internal static string Quote(string text) =>
        text.Length > 0 && text.All(letter => char.IsAsciiLetterOrDigit(letter) || "_./=+:,@%-".Contains(letter, StringComparison.Ordinal))
            ? text
            : $"'{text.Replace("'", "'\\''", StringComparison.Ordinal)}'";
}

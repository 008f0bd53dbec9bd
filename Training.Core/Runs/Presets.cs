namespace Training.Core.Runs;

/// <summary>Named starting points of a recipe.</summary>
public static class Presets
{
    public const string Transfer = "transfer";
    public const string FineTune = "fineTune";
    public const string FromScratch = "fromScratch";
    public const string ArticleAdam = "adam001AllLayers";

    public static IReadOnlyList<Preset> All => throw new NotImplementedException();

    /// <summary>The preset that a mode starts from.</summary>
    public static Preset DefaultOf(TrainingMode mode) => throw new NotImplementedException();

    /// <exception cref="ArgumentException">No preset has this name; the message lists the names.</exception>
    public static Preset Get(string name) => throw new NotImplementedException();
}

/// <param name="Name">Stable id, such as "fineTune".</param>
/// <param name="Title">What the page shows, such as "Adam 0.01 on all layers".</param>
/// <param name="Help">One plain sentence.</param>
/// <param name="Apply">Sets every training field of a recipe; keeps dataset, backbone, name, machine, seed and valFraction.</param>
public sealed record Preset(string Name, string Title, string Help, TrainingMode Mode, Func<Recipe, Recipe> Apply);

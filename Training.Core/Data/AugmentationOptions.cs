using Training.Core.Runs;

namespace Training.Core.Data;

/// <summary>How a recipe changes the images it trains on.</summary>
/// <param name="Erasing">Chance of a blank rectangle, 0–1.</param>
public sealed record AugmentationOptions(AugmentationKind Kind, bool VerticalFlip = false, double Erasing = 0)
{
    public static AugmentationOptions None { get; } = new(AugmentationKind.None);

    public static AugmentationOptions Of(Recipe recipe) => new(recipe.Augmentation, recipe.VerticalFlip, recipe.RandomErasing);

    /// <summary>Whether every epoch sees the images as they are.</summary>
    public bool IsNone => this == None;
}

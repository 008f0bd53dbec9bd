namespace Training.Core.Data;

/// <summary>How images are changed before a network trains on them.</summary>
/// <param name="Erasing">Chance of a blank rectangle, 0–1.</param>
public sealed record AugmentationOptions(AugmentationKind Kind, bool VerticalFlip = false, double Erasing = 0)
{
    public static AugmentationOptions None { get; } = new(AugmentationKind.None);

    /// <summary>Whether every epoch sees the images as they are.</summary>
    public bool IsNone => this == None;
}

namespace Training.Core.Data;

/// <summary>How images are changed before a network trains on them.</summary>
/// <param name="Erasing">Chance of a blank rectangle, 0–1.</param>
public sealed record AugmentationOptions(AugmentationKind Kind, bool VerticalFlip = false, double Erasing = 0)
{
    public static AugmentationOptions None { get; } = new(AugmentationKind.None);

    /// <summary>Whether every epoch sees the images as they are.</summary>
    public bool IsNone => this == None;
}

/// <summary>
/// Each adds to the one before: mirroring, crops of 50–100 % of the area, brightness and colours; trivial takes one random operation of any
/// strength instead of the colours (Müller and Hutter, "TrivialAugment", 2021).
/// </summary>
public enum AugmentationKind { None, Flip, CropAndFlip, CropFlipAndColour, Trivial }

namespace Training.Core.Data;

/// <summary>
/// Each adds to the one before: mirroring, crops of 50–100 % of the area, brightness and colours; trivial takes one random operation of any
/// strength instead of the colours (Müller and Hutter, "TrivialAugment", 2021).
/// </summary>
public enum AugmentationKind { None, Flip, CropAndFlip, CropFlipAndColour, Trivial }

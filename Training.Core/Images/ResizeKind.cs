namespace Training.Core.Images;

/// <summary>How a photo becomes a square: short side to size and the middle cut out, or both sides squeezed to size.</summary>
public enum ResizeKind { CentreCrop, Squash }

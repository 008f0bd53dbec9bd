namespace Training.Core.Recipes;

/// <summary>Images per second of the built-in backbone at 224 px.</summary>
/// <param name="Train">Forward, backward and optimizer step of all layers.</param>
/// <param name="Evaluate">Forward only.</param>
/// <param name="Decode">Decoding and resizing 500-pixel JPEGs on all cores.</param>
public sealed record MachineSpeed(double Train, double Evaluate, double Decode);

namespace Training.Core.Data;

/// <summary>
/// What is done where classes have very different numbers of images: nothing, a loss weighted by the inverse of the number, or every class
/// drawn as often as the others.
/// </summary>
public enum ClassBalanceKind { None, Weights, Sampling }

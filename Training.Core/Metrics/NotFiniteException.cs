namespace Training.Core.Metrics;

/// <summary>Something computed is no number any more, NaN or infinite; the message says what, and what to do where that is known.</summary>
public sealed class NotFiniteException(string message) : Exception(message);

namespace Training.Core.Engine;

/// <summary>A short measurement of how fast this machine trains, for the estimate in the form.</summary>
public static class SpeedProbe
{
    /// <summary>Takes a few seconds; loads libtorch, so it runs in a trainer process only.</summary>
    public static MachineSpeed Measure() => throw new NotImplementedException();
}

/// <summary>Images per second of the built-in backbone at 224 px.</summary>
/// <param name="Train">Forward, backward and optimizer step of all layers.</param>
/// <param name="Evaluate">Forward only.</param>
/// <param name="Decode">Decoding and resizing 500-pixel JPEGs on all cores.</param>
public sealed record MachineSpeed(double Train, double Evaluate, double Decode);

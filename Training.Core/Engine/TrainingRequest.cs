using Training.Core.Data;
using Training.Core.Runs;

namespace Training.Core.Engine;

/// <summary>What a session needs.</summary>
public sealed record TrainingRequest
{
    public required Recipe Recipe { get; init; }
    public required DatasetManifest Manifest { get; init; }
    public required RunFolder Folder { get; init; }
    public required IRunEventSink Events { get; init; }

    /// <summary>Where downloaded or dropped weight files lie; null: only the built-in ones.</summary>
    public string? WeightsFolder { get; init; }

    /// <summary>Within an epoch a checkpoint is written when the last one is older than this; after every epoch in any case.</summary>
    public TimeSpan CheckpointEvery { get; init; } = TimeSpan.FromSeconds(60);
}

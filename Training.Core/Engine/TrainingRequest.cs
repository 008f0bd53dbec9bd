using Training.Core.Data;
using Training.Core.Recipes;
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

    /// <summary>Where features of frozen backbones and what trials found are kept for other runs; null: nowhere.</summary>
    public string? CacheFolder { get; init; }

    /// <summary>Whether a completed run also leaves its model as ONNX and safetensors: takes a few seconds.</summary>
    public bool Exports { get; init; }

    /// <summary>Within an epoch a checkpoint is written when the last one is older than this.</summary>
    public TimeSpan CheckpointWithinEpoch { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>
    /// After an epoch one is written when the last one is older than this, and after a best epoch in any case: epochs of a second would
    /// otherwise write more than they train.
    /// </summary>
    public TimeSpan CheckpointAfterEpoch { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Whether the head is trained on frozen features before anything else.</summary>
    internal bool StartsWithProbe => Recipe is { Mode: TrainingMode.FineTune, HeadEpochs: > 0 } && IsFresh;

    /// <summary>Whether photos go through the whole network first.</summary>
    internal bool StartsWithPhotos => Recipe.Mode != TrainingMode.Transfer && IsFresh && !StartsWithProbe;

    /// <summary>A checkpoint is of a later moment.</summary>
    private bool IsFresh => !File.Exists(Folder.Checkpoint);
}

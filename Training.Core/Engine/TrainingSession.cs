using Training.Core.Data;
using Training.Core.Runs;

namespace Training.Core.Engine;

/// <summary>Trains one run from start to end on the calling thread.</summary>
public sealed class TrainingSession(TrainingRequest request)
{
    /// <summary>Runs to the end; every way out is reported as <see cref="Ended"/>, none throws but a broken sink.</summary>
    public Ended Run(CancellationToken stop) => throw new NotImplementedException(request.ToString());
}

public sealed record TrainingRequest
{
    public required Recipe Recipe { get; init; }
    public required DatasetManifest Manifest { get; init; }
    public required RunFolder Folder { get; init; }
    public required IRunEventSink Events { get; init; }
    public string? WeightsFolder { get; init; }
}

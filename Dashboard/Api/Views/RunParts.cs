using Dashboard.Runs;
using Dashboard.Storage;
using Training.Core.Metrics;
using Training.Core.Recipes;

namespace Dashboard.Api.Views;

/// <summary>Which run it is, and what it tells apart.</summary>
public sealed record RunIdentity
{
    public required int Id { get; init; }
    public required string Name { get; init; }
    public required int DatasetId { get; init; }
    public required string DatasetName { get; init; }
    public required IReadOnlyList<string> Classes { get; init; }

    internal static RunIdentity Of(RunRow run) => new()
    {
        Id = run.Id, Name = run.Name, DatasetId = run.DatasetId, DatasetName = run.DatasetName, Classes = run.Classes,
    };
}

/// <summary>What a run does now, and what was asked of it.</summary>
public sealed record RunCondition
{
    public required RunState State { get; init; }

    /// <summary>Why it is in this state, in words.</summary>
    public required string Reason { get; init; }

    /// <summary>What it does before or between epochs; empty while steps run.</summary>
    public required string Phase { get; init; }

    /// <summary>How far the phase is, 0–1; null when unknown.</summary>
    public required double? PhaseFraction { get; init; }

    /// <summary>Somebody asked it to stop.</summary>
    public required bool StopRequested { get; init; }

    /// <summary>Somebody asked it to pause.</summary>
    public required bool PauseRequested { get; init; }

    internal static RunCondition Of(RunRow run) => new()
    {
        State = run.State, Reason = run.Reason, Phase = run.Phase, PhaseFraction = run.PhaseFraction, StopRequested = run.StopRequested,
        PauseRequested = run.PauseRequested,
    };
}

/// <summary>Where a run trains or may train, and on what.</summary>
public sealed record RunPlacement
{
    /// <summary>Number of the current launch; 0 before the first.</summary>
    public required int Attempt { get; init; }
    public required string Machine { get; init; }

    /// <summary>A machine's name, "gpu" or "cpu"; empty: any.</summary>
    public required string BoundTo { get; init; }

    /// <summary>While it waits: before all of lower priority.</summary>
    public required RunPriority Priority { get; init; }
    public required string Device { get; init; }
    public required string Precision { get; init; }

    internal static RunPlacement Of(RunRow run) => new()
    {
        Attempt = run.Attempt, Machine = run.Machine, BoundTo = run.BoundTo, Priority = run.Priority, Device = run.Device,
        Precision = run.Precision,
    };
}

/// <summary>When what happened to a run.</summary>
public sealed record RunTimes
{
    public required DateTimeOffset CreatedAt { get; init; }
    public required DateTimeOffset? StartedAt { get; init; }
    public required DateTimeOffset? TrainingStartedAt { get; init; }
    public required DateTimeOffset? EndedAt { get; init; }
    public required DateTimeOffset? LastEventAt { get; init; }

    /// <summary>Since when nobody answers for a live run; null while somebody does.</summary>
    public required DateTimeOffset? LostContactAt { get; init; }

    internal static RunTimes Of(RunRow run) => new()
    {
        CreatedAt = run.CreatedAt, StartedAt = run.StartedAt, TrainingStartedAt = run.TrainingStartedAt, EndedAt = run.EndedAt,
        LastEventAt = run.LastEventAt, LostContactAt = run.LostContactAt,
    };
}

/// <summary>How much there is to train.</summary>
public sealed record RunExtent
{
    public required int Epochs { get; init; }
    public required int StepsPerEpoch { get; init; }
    public required int TrainSamples { get; init; }
    public required int ValSamples { get; init; }

    internal static RunExtent Of(RunRow run) => new()
    {
        Epochs = run.Epochs, StepsPerEpoch = run.StepsPerEpoch, TrainSamples = run.TrainSamples, ValSamples = run.ValSamples,
    };
}

/// <summary>How far a run is, and how fast.</summary>
public sealed record RunPosition
{
    /// <summary>Last finished epoch, from 1; 0 before.</summary>
    public required int Epoch { get; init; }

    /// <summary>Last finished step over the whole run, from 1; 0 before.</summary>
    public required int Step { get; init; }

    /// <summary>Part of all planned steps, 0–1.</summary>
    public required double Progress { get; init; }

    /// <summary>Since its launch until now or its end; null before.</summary>
    public required double? SecondsElapsed { get; init; }

    /// <summary>At the pace so far; null while it can't be known.</summary>
    public required double? SecondsLeft { get; init; }
    public required double ImagesPerSecond { get; init; }

    internal static RunPosition Of(RunRow run, RunProgress progress) => new()
    {
        Epoch = run.Epoch, Step = run.Step, Progress = progress.Fraction, SecondsElapsed = progress.Elapsed?.TotalSeconds,
        SecondsLeft = progress.TimeLeft?.TotalSeconds, ImagesPerSecond = run.ImagesPerSecond,
    };
}

/// <summary>The best that came of a run so far.</summary>
public sealed record RunBest
{
    public required int? BestEpoch { get; init; }

    /// <summary>0–1, of the best epoch.</summary>
    public required double? BestValAccuracy { get; init; }

    /// <summary>Its 95 % interval by Wilson; null while there is no accuracy.</summary>
    public required WilsonInterval? BestValAccuracyInterval { get; init; }

    internal static RunBest Of(RunRow run) => new()
    {
        BestEpoch = run.BestEpoch, BestValAccuracy = run.BestValAccuracy,
        BestValAccuracyInterval = WilsonInterval.Of(run.BestValAccuracy, run.ValSamples),
    };
}

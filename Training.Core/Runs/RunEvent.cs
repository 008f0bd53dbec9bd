using System.Text.Json.Serialization;

namespace Training.Core.Runs;

/// <summary>What a run reports: a closed set.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "type")]
[JsonDerivedType(typeof(PhaseStarted), "phaseStarted")]
[JsonDerivedType(typeof(TrainingStarted), "trainingStarted")]
[JsonDerivedType(typeof(StepCompleted), "stepCompleted")]
[JsonDerivedType(typeof(EpochCompleted), "epochCompleted")]
[JsonDerivedType(typeof(Logged), "logged")]
[JsonDerivedType(typeof(Ended), "ended")]
public abstract record RunEvent;

/// <summary>Something that takes a while has begun before or between epochs, such as the feature pass.</summary>
/// <param name="Text">For people, such as "Computing features of 1,040 images".</param>
/// <param name="Fraction">How far it is, 0–1; null when unknown. Sent again as it moves.</param>
public sealed record PhaseStarted(string Text, double? Fraction) : RunEvent;

/// <summary>The first step is about to run.</summary>
/// <param name="Device">Such as "cpu" or "cuda:0".</param>
/// <param name="Precision">Such as "bf16, channels last".</param>
public sealed record TrainingStarted(
    int Epochs, int StepsPerEpoch, int TrainSamples, int ValSamples, string Device, string Precision) : RunEvent;

/// <param name="Epoch">From 1.</param>
/// <param name="Step">From 1, over the whole run.</param>
/// <param name="Loss">Mean training loss of the batch; NaN and infinities are kept.</param>
/// <param name="LearningRate">The head's rate in this step.</param>
/// <param name="ImagesPerSecond">Over the last second or so.</param>
public sealed record StepCompleted(int Epoch, int Step, double Loss, double LearningRate, double ImagesPerSecond) : RunEvent;

/// <summary>An epoch was trained and evaluated; its predictions file is already in place.</summary>
/// <param name="Step">The last step of the epoch, over the whole run.</param>
/// <param name="IsBest">Whether its weights are the best so far (and are saved).</param>
public sealed record EpochCompleted(
    int Epoch, int Step, double TrainLoss, double ValLoss, double ValAccuracy,
    double TrainImagesPerSecond, double ValImagesPerSecond, double Seconds, bool IsBest) : RunEvent;

public sealed record Logged(RunLogLevel Level, string Text) : RunEvent;

/// <summary>The last event of an attempt.</summary>
/// <param name="Reason">In words, such as "All 20 epochs are done" or "No better epoch for 5 epochs".</param>
/// <param name="BestEpoch">Null when no epoch was evaluated.</param>
public sealed record Ended(RunOutcome Outcome, string Reason, int? BestEpoch, double? BestValAccuracy, double Seconds) : RunEvent;

public enum RunLogLevel { Information, Warning, Error }

/// <summary>Paused: a checkpoint was written, and the run can go on from it.</summary>
public enum RunOutcome { Completed, Stopped, Failed, Paused }

/// <summary>An event as it stands in the journal and travels.</summary>
/// <param name="Sequence">From 1, without gaps, per attempt.</param>
public sealed record JournalEntry(long Sequence, DateTimeOffset At, RunEvent Event);

/// <summary>Where a training session puts its events. Called on the training thread: must return quickly.</summary>
public interface IRunEventSink
{
    /// <exception cref="RunSinkException">The event could not be kept; the session ends at once.</exception>
    void Report(RunEvent runEvent);
}

/// <summary>An event could not be kept, such as on a full disk; the message is for people.</summary>
public class RunSinkException(string message, Exception cause) : Exception(message, cause);

using System.Globalization;
using Dashboard.Storage;

namespace Dashboard.Runs.Words;

/// <summary>
/// What people read of runs, here only: each sentence is a member that is named after what it says and takes its values. Rows of the
/// database hold the finished text.
/// </summary>
internal static class RunWords
{
    public const string LaunchesTrainer = "Launching the trainer";

    public const string TrainerGetsReady = "The trainer is getting ready";

    public const string HeldBack = "Held back: it doesn't start until it is resumed";

    public const string StoppedBeforeItStarted = "Stopped before it started";

    public const string StoppedAtRestWithoutModel = "Stopped while it rested, before the first epoch was evaluated, so there is no model.";

    public const string WaitsForGpu = "Waiting for a free GPU";

    public const string WaitsForProcessor = "Waiting for a free processor";

    public const string WaitsForDevice = "Waiting for a free device";

    public static string TrainsOn(string device, string precision) => $"Training on {device} ({precision})";

    public static string StoppedAtRest(int bestEpoch) =>
        string.Create(CultureInfo.InvariantCulture, $"Stopped while it rested. The best epoch, {bestEpoch}, is kept.");

    public static string WaitsForDeviceOf(string machine) => $"Waiting for a free device of {machine}";

    /// <param name="runs">How many are before it; at least 1.</param>
    public static string WaitsBehind(int runs) => runs == 1 ? "Waiting: 1 run before it" : $"Waiting: {runs} runs before it";

    /// <param name="reason">Why it is in the queue again, in a sentence.</param>
    /// <param name="place">What it waits for.</param>
    public static string WaitsAgain(string reason, string place) => $"{reason} {place}.";

    public static string DiedWithoutProgress(int times, string reason) =>
        string.Create(CultureInfo.InvariantCulture, $"It died {times} times in a row without getting any further. {reason}");

    /// <param name="death">How its trainer died, in one line.</param>
    /// <param name="attempt">The one that comes.</param>
    public static string GoesOnFromCheckpoint(string death, int attempt) =>
        string.Create(CultureInfo.InvariantCulture, $"{death} It goes on from its checkpoint by itself: attempt {attempt}.");

    /// <inheritdoc cref="GoesOnFromCheckpoint"/>
    public static string StartsAgain(string death, int attempt) =>
        string.Create(CultureInfo.InvariantCulture, $"{death} It starts again by itself: attempt {attempt}.");

    public static string OverSoNotPaused(string run) => $"“{run}” can't be paused: it is over.";

    public static string StoppingSoNotPaused(string run) => $"“{run}” can't be paused: it is being stopped.";

    public static string CompleteSoNotResumed(string run) => $"“{run}” is complete. Clone it to train on.";

    public static string NoCheckpointSoNotResumed(string run) => $"“{run}” left no checkpoint to go on from. Clone it to start again.";

    public static string NoImagesSoNotResumed(string run, string problem) => $"“{run}” can't go on: {problem}";

    public static string TrainsSoNotDeleted(string run) => $"“{run}” is still training. Stop it first, then delete it.";

    public static string GetsReadySoNotDeleted(string run) => $"“{run}” is still getting ready. Stop it first, then delete it.";

    public static string AnswersAreNoNumbers(string path) =>
        $"the model's answers in {path} are no numbers (NaN or infinite), so none is right or wrong.";

    public static string IsGone(int runId) => $"There is no run {runId} any more.";

    public static string HasMovedOn(int runId, int attempt) => $"Run {runId} has moved on to attempt {attempt}.";

    public static string IsOver(int runId, RunState state, string reason) => $"Run {runId} is {state}: {reason}";
}

using System.Globalization;
using Dashboard.Protocol;

namespace Dashboard.Dispatch.Words;

/// <summary>What the hub tells machines and trainers that it refuses; their people read it in their logs.</summary>
internal static class HubWords
{
    public const string IsClosed = "This connection is closed.";

    public const string RemovedWhileJoining = "The machine was removed while it joined.";

    public const string JoinFirst = $"{MachineProtocol.UnknownMachine}: join first; a machine that was removed needs a new token.";

    public const string AttachFirst = $"{MachineProtocol.UnknownAttempt}: attach to an attempt before you report.";

    public static string OtherVersion(string machine, string dashboard) =>
        $"This machine runs version {machine} and the dashboard {dashboard}: bring both to the same version.";

    public static string AttemptUnknown(int runId, int attempt) =>
        $"{MachineProtocol.UnknownAttempt}: the dashboard knows no attempt {attempt} of run {runId} with this secret.";

    public static string HasMovedOn(int runId, int attempt) =>
        $"{MachineProtocol.StaleAttempt}: run {runId} has moved on to attempt {attempt}.";

    public static string AttemptOver(int runId, int attempt) => string.Create(CultureInfo.InvariantCulture,
        $"{MachineProtocol.StaleAttempt}: attempt {attempt} of run {runId} is over.");

    /// <param name="why">In a sentence.</param>
    public static string Stale(string why) => $"{MachineProtocol.StaleAttempt}: {why}";

    public static string Impossible(string why) => $"{MachineProtocol.ImpossibleMessage}: {why}";

    public static string NotOf(string machine, int runId, int attempt) => $"Attempt {attempt} of run {runId} is not one of {machine}.";

    public static string NotItsOwn(int runId, int attempt) => $"Attempt {attempt} of run {runId} is not one of its own.";

    public static string BeginsOtherEpochs(string entry, int epochs, int steps, int planned) => string.Create(CultureInfo.InvariantCulture,
        $"{entry} begins {epochs} epochs of {steps} steps; the recipe has {planned} epochs.");

    public static string StepOfEpochBeyond(string entry, int epoch, int epochs) =>
        string.Create(CultureInfo.InvariantCulture, $"{entry} is of epoch {epoch}; the recipe has {epochs}.");

    public static string StepBeyond(string entry, int step, int steps) =>
        string.Create(CultureInfo.InvariantCulture, $"{entry} is step {step}; the run has {steps}.");

    public static string EpochBeyond(string entry, int epoch, int epochs) =>
        string.Create(CultureInfo.InvariantCulture, $"{entry} is epoch {epoch}; the recipe has {epochs}.");

    public static string EpochEndsBeyond(string entry, int step, int steps) =>
        string.Create(CultureInfo.InvariantCulture, $"{entry} ends at step {step}; the run has {steps}.");

    public static string BestEpochBeyond(string entry, int epoch, int epochs) =>
        string.Create(CultureInfo.InvariantCulture, $"{entry} names epoch {epoch} the best; the recipe has {epochs}.");
}

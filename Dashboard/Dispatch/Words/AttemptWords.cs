using System.Globalization;

namespace Dashboard.Dispatch.Words;

/// <summary>
/// How attempts end that no trainer reported the end of: each sentence is a member that is named after what it says and takes its values.
/// </summary>
internal static class AttemptWords
{
    public const string StoppedBeforeTraining = "Stopped before the training began.";

    public const string StoppedWithoutModel = "Stopped before the training began, so there is no model.";

    public const string ReturnedWithoutEnd = "The training returned without saying how it ended.";

    public const string NoAddress = "The dashboard listens on no address that a trainer could reach.";

    /// <summary>Behind what could not be done.</summary>
    public const string Fault = "this is a fault of the program, and its log has the reason.";

    public const string GoneForMemory =
        "The trainer is gone, likely because the machine ran out of memory. A smaller batch or image size needs less.";

    public const string Gone = "The trainer is gone without saying how the run ended; it was killed, or the machine was restarted.";

    public const string JournalBroken =
        "The trainer could not write its journal: the disk is full or the run's folder can't be written. Free some space, then start "
            + "the run again.";

    public const string KilledForMemory =
        "The trainer was killed (signal 9) because the machine ran out of memory. A smaller batch or image size needs less.";

    public const string KilledBySomebody = "The trainer was killed (signal 9) by somebody or something on the machine.";

    public const string Killed =
        "The trainer was killed (signal 9). If nobody did it, the machine likely ran out of memory: choose a smaller batch or image "
            + "size.";

    public const string NotStarted = "The trainer could not be started.";

    public const string EndedWithoutWord = "The trainer ended without saying how the run ended.";

    private const string MemoryHint = " It likely ran out of memory: choose a smaller batch or image size.";

    private static readonly Dictionary<int, string> SignalNames = new()
    {
        [1] = "hangup", [2] = "interrupt", [3] = "quit", [4] = "illegal instruction", [6] = "abort", [7] = "bus error",
        [8] = "arithmetic error", [9] = "killed", [11] = "segmentation fault", [13] = "broken pipe", [15] = "terminated",
    };

    public static string CouldNotStart(string why) => $"The trainer could not be started: {why}";

    public static string ReportedImpossible(string what) => $"Its trainer reported what can't be: {what}";

    /// <param name="forMemory">Whether its log speaks of memory.</param>
    public static string EndedBySignal(int signal, bool forMemory) =>
        $"The trainer was ended by {Signal(signal)}.{(forMemory ? MemoryHint : "")}";

    /// <inheritdoc cref="EndedBySignal"/>
    public static string EndedWithCode(int exitCode, bool forMemory) =>
        string.Create(CultureInfo.InvariantCulture, $"The trainer ended with exit code {exitCode}.{(forMemory ? MemoryHint : "")}");

    public static string LogIsEmpty(string reason) => reason + " Its log is empty.";

    public static string WithLog(string reason, IReadOnlyList<string> lines) =>
        $"{reason}\nThe last lines of its log:\n{string.Join('\n', lines)}";

    /// <param name="bestEpoch">Null: no epoch was evaluated.</param>
    public static string StoppedBeforeItsTrainerBegan(int? bestEpoch) => "Stopped before its trainer began; " + Kept(bestEpoch);

    /// <inheritdoc cref="StoppedBeforeItsTrainerBegan"/>
    public static string StoppedByForce(int? bestEpoch) => "Stopped: the trainer did not end by itself; " + Kept(bestEpoch);

    public static string MachineRemoved(string machine) => $"{machine} was removed.";

    public static string MachineRemovedFromDashboard(string machine) => $"{machine} was removed from the dashboard.";

    public static string MachineSilent(string machine, TimeSpan since) =>
        $"{machine} has not answered for {(int)since.TotalSeconds} seconds.";

    private static string Kept(int? bestEpoch) => bestEpoch is { } best
        ? FormattableString.Invariant($"the weights of epoch {best} are kept.")
        : "no epoch had been evaluated, so there are no weights to keep.";

    private static string Signal(int number) => SignalNames.TryGetValue(number, out var name)
        ? string.Create(CultureInfo.InvariantCulture, $"signal {number} ({name})")
        : string.Create(CultureInfo.InvariantCulture, $"signal {number}");
}

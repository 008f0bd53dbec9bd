using System.Reflection;
using Dashboard.Protocol;
using Training.Core.Runs;

namespace Training.Tests.Protocol;

/// <summary>For every method of the hubs what an honest machine, trainer or watcher sends.</summary>
internal static class HonestMessages
{
    private static readonly DateTimeOffset At = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    public static MachineReport Report { get; } = new(
        "testbox", "Debian GNU/Linux 12 (bookworm)", "AMD Ryzen 9 7950X", 32, 0.25, 8L << 30, 64L << 30, 100L << 30, 2000L << 30,
        [new DeviceReport("cuda:0", "NVIDIA RTX 4090", 0.9, 10L << 30, 24L << 30, null),
            new DeviceReport("cpu", "AMD Ryzen 9 7950X", null, null, null, null, false)], At);

    /// <summary>One of each kind, with the number of epochs and steps that the plan has.</summary>
    public static IReadOnlyList<RunEvent> Events { get; } =
    [
        new PhaseStarted("Computing the features of 1040 images", 0.5),
        new TrainingStarted(4, 10, 320, 80, "cuda:0", "bf16, channels last"),
        new StepCompleted(1, 1, 0.7, 1e-3, 250),
        new EpochCompleted(1, 10, 0.6, 0.5, 0.85, 250, 900, 2.5, true),
        new Logged(RunLogLevel.Warning, "A warning, 한국어"),
    ];

    /// <summary>What can be called from outside.</summary>
    public static IEnumerable<MethodInfo> MethodsOf(Type hub) => hub
        .GetMethods(BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly)
        .Where(method => method.GetBaseDefinition() == method && !method.IsSpecialName);

    /// <param name="sequence">The number of the first entry.</param>
    public static IReadOnlyList<JournalEntry> Entries(long sequence, IReadOnlyList<RunEvent> events) =>
        [.. events.Select((what, i) => new JournalEntry(sequence + i, At, what))];

    /// <param name="sequence">The number of the next entry.</param>
    public static object?[] Arguments(string method, int runId, string token, long sequence) => method switch
    {
        nameof(IMachineHub.Join) => ["newcomer", token, ProgramVersion.Text, MachineProtocol.Version],
        nameof(ITrainerHub.Attach) => [runId, 1, token],
        nameof(ITrainerHub.Clock) => [At],
        nameof(ITrainerHub.Report) => [Entries(sequence, Events)],
        nameof(IMachineHub.Replay) => [runId, 1, Entries(sequence, Events)],
        nameof(IMachineHub.ReportMachine) => [Report],
        nameof(IMachineHub.Live) => [],
        nameof(IMachineHub.Take) => ["cuda:0"],
        nameof(IMachineHub.Launched) => [new Assignment(runId, 1, null, "cuda:0", false, 4711, 123_456)],
        nameof(IMachineHub.Phase) => [runId, 1, "Fetching 12 images", 0.25],
        nameof(IMachineHub.Stand) => [runId, 1],
        nameof(IMachineHub.End) => [runId, 1, new AttemptEnd("The trainer was killed (signal 9).", false, false)],
        "Watch" or "Unwatch" => [runId],
        _ => throw new ArgumentOutOfRangeException(nameof(method), method, "There is no honest message for this method yet: add one."),
    };
}

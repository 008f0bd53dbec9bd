using System.Reflection;
using Training.Core.Runs;
using static Dashboard.Protocol.Rule;

namespace Dashboard.Protocol;

/// <summary>
/// Everything that crosses the hubs, and what it has to be: all limits in one place. What isn't so is refused whole by the hubs' filter.
/// The same rules say what may be read back from where it was kept.
/// </summary>
internal static class MessageRules
{
    /// <summary>Of a trainer's message: <see cref="JournalBatch"/> takes half as many at most.</summary>
    public const int MostEntries = 1_000;

    /// <summary>What a machine has of GPUs, those in parts included.</summary>
    public const int MostDevices = 256;

    /// <summary>A line of a run's log; trainers cut what is longer, with a word at its end.</summary>
    public const int MostLogText = 32_000;

    /// <summary>A sentence: a phase, the name of a device.</summary>
    public const int MostSentence = 500;

    /// <summary>No run has more: 1,000 epochs of a million steps, say.</summary>
    public const int MostSteps = 1_000_000_000;

    /// <summary>Of any run; how many its own recipe has is checked where it is applied.</summary>
    public const int MostEpochs = 100_000;

    /// <summary>Of a speed or a duration: two steps within a clock's tick give absurd ones.</summary>
    public const double MostPerSecond = 1e15;

    /// <summary>What a trainer's words about a cut have room in.</summary>
    private const int RoomForEnd = 100;

    private static readonly Rule<int> Id = Between(1, int.MaxValue);
    private static readonly Rule<int> Epoch = Between(0, MostEpochs);
    private static readonly Rule<int> Step = Between(0, MostSteps);
    private static readonly Rule<int> Samples = Between(0, MostSteps);
    private static readonly Rule<double> Share = Between(0.0, 1.0);
    private static readonly Rule<double> Rate = Between(0.0, 1e3);
    private static readonly Rule<double> PerSecond = Between(0.0, MostPerSecond);
    private static readonly Rule<double> Seconds = Between(0.0, MostPerSecond);
    private static readonly Rule<long> Bytes = Between(0, 1L << 60);
    private static readonly Rule<string?> DeviceId = Text(64, least: 1);
    private static readonly Rule<string?> Sentence = Text(MostSentence);
    private static readonly Rule<string?> LogText = Text(MostLogText + RoomForEnd);
    private static readonly Rule<string?> Secret = Text(128);

    private static readonly RecordRule<DeviceReport> Device = new RecordRule<DeviceReport>()
        .Has(device => device.Id, DeviceId)
        .Has(device => device.Name, Sentence)
        .Has(device => device.Load, OrNull(Share))
        .Has(device => device.MemoryUsed, OrNull(Bytes))
        .Has(device => device.MemoryTotal, OrNull(Bytes))
        .Has(device => device.RunId, OrNull(Id))
        .Has(device => device.CanTrain, Any<bool>());

    private static readonly RecordRule<MachineReport> Machine = new RecordRule<MachineReport>()
        .Has(report => report.Name, Text(256))
        .Has(report => report.System, Sentence)
        .Has(report => report.Processor, Sentence)
        .Has(report => report.Cores, Between(0, 1 << 20))
        .Has(report => report.Load, OrNull(Share))
        .Has(report => report.MemoryUsed, OrNull(Bytes))
        .Has(report => report.MemoryTotal, OrNull(Bytes))
        .Has(report => report.DiskFree, OrNull(Bytes))
        .Has(report => report.DiskTotal, OrNull(Bytes))
        .Has(report => report.Devices, Distinct(List<DeviceReport>(MostDevices, Device.Check), device => device.Id))
        .Has(report => report.At, Any<DateTimeOffset>());

    private static readonly RecordRule<PhaseStarted> Phase = new RecordRule<PhaseStarted>()
        .Has(phase => phase.Text, Text(MostSentence + RoomForEnd))
        .Has(phase => phase.Fraction, OrNull(Share));

    private static readonly RecordRule<TrainingStarted> Started = new RecordRule<TrainingStarted>()
        .Has(started => started.Epochs, Between(1, MostEpochs))
        .Has(started => started.StepsPerEpoch, Step)
        .Has(started => started.TrainSamples, Samples)
        .Has(started => started.ValSamples, Samples)
        .Has(started => started.Device, Text(MostSentence + RoomForEnd))
        .Has(started => started.Precision, Text(MostSentence + RoomForEnd));

    private static readonly RecordRule<StepCompleted> StepDone = new RecordRule<StepCompleted>()
        .Has(step => step.Epoch, Between(1, MostEpochs))
        .Has(step => step.Step, Between(1, MostSteps))
        .Has(step => step.Loss, Loss)
        .Has(step => step.LearningRate, Rate)
        .Has(step => step.ImagesPerSecond, PerSecond);

    private static readonly RecordRule<EpochCompleted> EpochDone = new RecordRule<EpochCompleted>()
        .Has(epoch => epoch.Epoch, Epoch)
        .Has(epoch => epoch.Step, Step)
        .Has(epoch => epoch.TrainLoss, Loss)
        .Has(epoch => epoch.ValLoss, Loss)
        .Has(epoch => epoch.ValAccuracy, Share)
        .Has(epoch => epoch.TrainImagesPerSecond, PerSecond)
        .Has(epoch => epoch.ValImagesPerSecond, PerSecond)
        .Has(epoch => epoch.Seconds, Seconds)
        .Has(epoch => epoch.IsBest, Any<bool>());

    private static readonly RecordRule<Logged> Log = new RecordRule<Logged>()
        .Has(logged => logged.Level, Known<RunLogLevel>())
        .Has(logged => logged.Text, LogText);

    private static readonly RecordRule<Ended> End = new RecordRule<Ended>()
        .Has(ended => ended.Outcome, Known<RunOutcome>())
        .Has(ended => ended.Reason, LogText)
        .Has(ended => ended.BestEpoch, OrNull(Epoch))
        .Has(ended => ended.BestValAccuracy, OrNull(Share))
        // Made of two computers' clocks, one of which may be years off.
        .Has(ended => ended.Seconds, Between(-MostPerSecond, MostPerSecond));

    private static readonly RecordRule<JournalEntry> Entry = new RecordRule<JournalEntry>()
        .Has(entry => entry.Sequence, Between(1, long.MaxValue))
        .Has(entry => entry.At, Any<DateTimeOffset>())
        .Has(entry => entry.Event, CheckEvent);

    private static readonly RecordRule<Assignment> Launch = new RecordRule<Assignment>()
        .Has(assignment => assignment.RunId, Id)
        .Has(assignment => assignment.Attempt, Id)
        .Has(assignment => assignment.Token, TextOrNull(128))
        .Has(assignment => assignment.Device, Text(64))
        .Has(assignment => assignment.StopRequested, Any<bool>())
        .Has(assignment => assignment.ProcessId, OrNull(Id))
        .Has(assignment => assignment.ProcessStart, OrNull(Between(0, long.MaxValue)));

    private static readonly RecordRule<AttemptEnd> Death = new RecordRule<AttemptEnd>()
        .Has(end => end.Reason, LogText)
        .Has(end => end.IsFinal, Any<bool>())
        .Has(end => end.HasCheckpoint, Any<bool>());

    /// <summary>By the name of a hub method's parameter: the same name means the same thing in all of them.</summary>
    private static readonly Dictionary<string, Func<object?, string, string?>> Arguments = new(StringComparer.Ordinal)
    {
        ["runId"] = Of(Id),
        ["attempt"] = Of(Id),
        ["token"] = Of(Secret),
        ["secret"] = Of(Secret),
        ["name"] = Of(Text(256)),
        ["version"] = Of(Text(100)),
        ["protocol"] = Of(Any<int>()),
        ["now"] = Of(Any<DateTimeOffset>()),
        ["device"] = Of(DeviceId),
        ["words"] = Of(Text(MostLogText)),
        ["fraction"] = Of(Share),
        ["report"] = Of<MachineReport?>(Machine.Check),
        ["assignment"] = Of<Assignment?>(Launch.Check),
        ["end"] = Of<AttemptEnd?>(Death.Check),
        ["entries"] = Of(Rising(List<JournalEntry>(MostEntries, Entry.Check), entry => entry.Sequence)),
    };

    /// <summary>Why a message can't be taken, in a sentence; null when it can.</summary>
    public static string? Problem(MethodInfo method, IReadOnlyList<object?> arguments)
    {
        var parameters = method.GetParameters();
        for (var i = 0; i < arguments.Count; i++)
        {
            var name = parameters[i].Name!;
            if (!Arguments.TryGetValue(name, out var rule)) return $"{name} has no rule.";
            if (rule(arguments[i], name) is { } problem) return problem;
        }
        return null;
    }

    /// <summary>The same for what was kept or comes from another dashboard.</summary>
    public static string? Problem(MachineReport? report) => Machine.Check(report, "report");

    public static string? Problem(JournalEntry? entry, string name) => Entry.Check(entry, name);

    private static string? CheckEvent(RunEvent? what, string name) => what switch
    {
        null => $"{name} is missing.",
        PhaseStarted phase => Phase.Check(phase, name),
        TrainingStarted started => Started.Check(started, name),
        StepCompleted step => StepDone.Check(step, name),
        EpochCompleted epoch => EpochDone.Check(epoch, name),
        Logged logged => Log.Check(logged, name),
        Ended ended => End.Check(ended, name),
        _ => $"{name} is nothing that a run reports.",
    };

    private static Func<object?, string, string?> Of<T>(Rule<T> rule) => (value, name) =>
        value is null && default(T) is not null ? $"{name} is missing." : rule((T)value!, name);
}

using System.Reflection;
using Dashboard.Api.Watching;
using Dashboard.Dispatch.Hubs;
using Dashboard.Protocol;
using Training.Core.Runs;

namespace Training.Tests.Protocol;

public sealed class MessageRulesTests
{
    public static TheoryData<string, string> Methods { get; } = [];

    static MessageRulesTests()
    {
        foreach (var hub in new[] { typeof(MachineHub), typeof(ProgressHub) })
            foreach (var method in HonestMessages.MethodsOf(hub)) Methods.Add(hub.Name, method.Name);
    }

    /// <summary>A value, and what is said of it.</summary>
    public static TheoryData<object?, string> Reports { get; } = new()
    {
        { HonestMessages.Report with { Devices = null! }, "report.devices is missing." },
        { HonestMessages.Report with { Devices = [null!] }, "report.devices[0] is missing." },
        { HonestMessages.Report with { Devices = [.. Enumerable.Repeat(HonestMessages.Report.Devices[0], 20_000)] },
            "report.devices has 20000 entries; 256 at most." },
        { HonestMessages.Report with { Devices = [HonestMessages.Report.Devices[0], HonestMessages.Report.Devices[0]] },
            "report.devices has the same entry twice." },
        { HonestMessages.Report with { Devices = [HonestMessages.Report.Devices[0] with { Name = new string('x', 1 << 20) }] },
            "report.devices[0].name has 1048576 characters; 500 at most." },
        { HonestMessages.Report with { Devices = [HonestMessages.Report.Devices[0] with { Id = "" }] }, "report.devices[0].id is empty." },
        { HonestMessages.Report with { System = null! }, "report.system is missing." },
        { HonestMessages.Report with { Load = double.NaN }, "report.load is NaN; it goes from 0 to 1." },
        { HonestMessages.Report with { Load = 1e308 }, "report.load is 1E+308; it goes from 0 to 1." },
        { HonestMessages.Report with { Cores = -1 }, "report.cores is -1; it goes from 0 to 1048576." },
        { HonestMessages.Report with { DiskTotal = long.MinValue },
            "report.diskTotal is -9223372036854775808; it goes from 0 to 1152921504606846976." },
        { null, "report is missing." },
    };

    public static TheoryData<RunEvent?, string> Events { get; } = new()
    {
        { null, "entries[0].event is missing." },
        { new PhaseStarted(null!, 0.5), "entries[0].event.text is missing." },
        { new PhaseStarted("Reading", 1e308), "entries[0].event.fraction is 1E+308; it goes from 0 to 1." },
        { new PhaseStarted("Reading", double.NaN), "entries[0].event.fraction is NaN; it goes from 0 to 1." },
        { new TrainingStarted(int.MaxValue, 1, 1, 1, "cpu", "fp32"), "entries[0].event.epochs is 2147483647; it goes from 1 to 100000." },
        { new TrainingStarted(1, 1, -1, 1, "cpu", "fp32"), "entries[0].event.trainSamples is -1; it goes from 0 to 1000000000." },
        { new StepCompleted(1, int.MaxValue, 0.5, 1e-3, 100), "entries[0].event.step is 2147483647; it goes from 1 to 1000000000." },
        { new StepCompleted(-1, 1, 0.5, 1e-3, 100), "entries[0].event.epoch is -1; it goes from 1 to 100000." },
        { new StepCompleted(1, 1, 1e308, 1e-3, 100), "entries[0].event.loss is 1E+308; no loss of 32-bit numbers is that large." },
        { new StepCompleted(1, 1, 0.5, double.PositiveInfinity, 100),
            "entries[0].event.learningRate is Infinity; it goes from 0 to 1000." },
        { new EpochCompleted(int.MaxValue, 1, 1, 1, 0.5, 1, 1, 1, true),
            "entries[0].event.epoch is 2147483647; it goes from 0 to 100000." },
        { new EpochCompleted(1, 1, 1, 1, 1.5, 1, 1, 1, true), "entries[0].event.valAccuracy is 1.5; it goes from 0 to 1." },
        { new Logged((RunLogLevel)77, "x"), "entries[0].event.level is no RunLogLevel." },
        { new Logged(RunLogLevel.Error, new string('x', 3_500_000)), "entries[0].event.text has 3500000 characters; 32100 at most." },
        { new Ended((RunOutcome)9, "x", null, null, 1), "entries[0].event.outcome is no RunOutcome." },
        { new Ended(RunOutcome.Completed, "x", -1, 0.5, 1), "entries[0].event.bestEpoch is -1; it goes from 0 to 100000." },
    };

    [Theory]
    [MemberData(nameof(Methods))]
    public void Problem_OfAnHonestMessage_IsNone(string hub, string method)
    {
        var called = (hub == nameof(MachineHub) ? typeof(MachineHub) : typeof(ProgressHub)).GetMethod(method)!;

        Assert.Null(MessageRules.Problem(called, HonestMessages.Arguments(method, 1, "a secret", 1)));
    }

    [Theory]
    [MemberData(nameof(Reports))]
    public void Problem_OfAReportThatCantBe_NamesTheField(object? report, string problem) =>
        Assert.Equal(problem, MessageRules.Problem((MachineReport?)report));

    [Theory]
    [MemberData(nameof(Events))]
    public void Problem_OfAnEventThatCantBe_NamesTheField(RunEvent? what, string problem) =>
        Assert.Equal(problem, OfEntries(HonestMessages.Entries(1, [what!])));

    [Fact]
    public void Problem_OfEntriesOutOfOrder_NamesTheFirstSuch()
    {
        var entries = HonestMessages.Entries(5, HonestMessages.Events);

        Assert.Equal("entries[1] has the number 5 after 6.", OfEntries([entries[1], entries[0]]));
        Assert.Equal("entries[0].sequence is 0; it goes from 1 to 9223372036854775807.", OfEntries([entries[0] with { Sequence = 0 }]));
        Assert.Equal("entries has 1001 entries; 1000 at most.", OfEntries([.. Enumerable.Repeat(entries[0], 1001)]));
        Assert.Equal("entries is missing.", OfEntries(null));
    }

    [Fact]
    public void Problem_OfALossThatDiverged_IsNone() =>
        Assert.Null(OfEntries(HonestMessages.Entries(1,
            [new StepCompleted(1, 1, double.NaN, 1e-3, 100), new StepCompleted(1, 2, double.PositiveInfinity, 1e-3, 100)])));

    /// <summary>A field that is added to a record needs a rule, or it is the next hole.</summary>
    [Fact]
    public void Rules_OfEveryRecordThatCrosses_NameEveryField()
    {
        var source = typeof(MessageRules).GetFields(BindingFlags.NonPublic | BindingFlags.Static)
            .Where(field => field.FieldType.IsGenericType && field.FieldType.GetGenericTypeDefinition() == typeof(RecordRule<>)).ToList();

        Assert.Equal(11, source.Count);
        foreach (var rule in source)
        {
            var record = rule.FieldType.GetGenericArguments()[0];
            var named = (IEnumerable<string>)rule.FieldType.GetProperty("Fields")!.GetValue(rule.GetValue(null))!;
            var fields = record.GetConstructors().MaxBy(constructor => constructor.GetParameters().Length)!.GetParameters()
                .Select(parameter => parameter.Name!);
            Assert.Equal(fields.Order(StringComparer.OrdinalIgnoreCase), named.Order(StringComparer.OrdinalIgnoreCase),
                StringComparer.OrdinalIgnoreCase);
        }
    }

    private static string? OfEntries(IReadOnlyList<JournalEntry>? entries) =>
        MessageRules.Problem(typeof(MachineHub).GetMethod(nameof(ITrainerHub.Report))!, [entries]);
}

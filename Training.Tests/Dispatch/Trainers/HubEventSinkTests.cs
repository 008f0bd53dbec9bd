using Dashboard.Dispatch.Trainers;
using Dashboard.Protocol;
using Training.Core.Runs;
using Training.Tests.TestKit;

namespace Training.Tests.Dispatch.Trainers;

public sealed class HubEventSinkTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly Journal _journal;
    private readonly StringWriter _log = new();
    private readonly HubEventSink _sink;

    public HubEventSinkTests()
    {
        var path = new RunFolder(_folder.Path).Journal(1);
        _journal = Journal.Open(path, TimeProvider.System);
        _sink = new HubEventSink(_journal, path, "cuda:3", new TrainerLog(_log));
    }

    [Fact]
    public void Events_ReportedAndAsked_ComeInOrderAfterTheNumber()
    {
        for (var step = 1; step <= 20; step++) _sink.Report(Step(step));

        Assert.Equal([16L, 17, 18], _sink.After(15, 3).Select(entry => entry.Sequence));
        Assert.Empty(_sink.After(20, 10));
    }

    [Fact]
    public void Events_MoreThanMemoryHolds_ComeFromTheJournal()
    {
        for (var step = 1; step <= HubEventSink.MaxRecent + 50; step++) _sink.Report(Step(step));

        var first = _sink.After(0, 30);

        Assert.Equal(Enumerable.Range(1, 30).Select(i => (long)i), first.Select(entry => entry.Sequence));
        Assert.Equal(1, ((StepCompleted)first[0].Event).Step);
    }

    [Fact]
    public async Task Pause_OfATrainerThatYields_IsNoEndOfItsAttempt()
    {
        _sink.Report(Step(1));
        _sink.Yield();

        _sink.Report(new Ended(RunOutcome.Paused, "Paused in epoch 1 after step 1.", null, null, 2));

        Assert.True(_sink.HasEnded);
        Assert.Equal(1, _sink.LastSequence);
        // Whoever waits to send more leaves.
        await _sink.WaitAsync(1, CancellationToken.None);
        Assert.Contains("another attempt goes on from it", _log.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Events_AfterTheEnd_AreNotTaken()
    {
        _sink.Report(new Ended(RunOutcome.Completed, "Done", 1, 0.9, 2));
        _sink.Report(Step(1));

        Assert.True(_sink.HasEnded);
        Assert.Equal(1, _sink.LastSequence);
    }

    [Fact]
    public void LogLine_LongerThanAMessage_IsCut()
    {
        _sink.Report(new Logged(RunLogLevel.Error, new string('x', 1_000_000)));

        Assert.InRange(((Logged)_sink.After(0, 1)[0].Event).Text.Length, MessageRules.MostLogText, MessageRules.MostLogText + 20);
    }

    [Fact]
    public void Events_ThatExplainADeath_AreEchoedToTheLog()
    {
        _sink.Report(new Logged(RunLogLevel.Warning, "3 images can't be read"));
        _sink.Report(Step(1));
        _sink.Report(new EpochCompleted(1, 10, 0.5, 0.4, 0.875, 20, 40, 3, true));

        var lines = _log.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal("3 images can't be read", lines[0]);
        Assert.StartsWith("Epoch 1: train loss 0.5000, val loss 0.4000, val accuracy 87.5", lines[1], StringComparison.Ordinal);
        Assert.Equal(2, lines.Length);
    }

    [Theory]
    [InlineData("cuda:0", "cuda:3")]
    [InlineData("cpu", "cpu")]
    public void Device_OfTheOneGpuThatATrainerSees_IsNamedAsOnTheMachine(string seen, string named)
    {
        _sink.Report(new TrainingStarted(1, 1, 1, 1, seen, "fp32"));

        Assert.Equal(named, ((TrainingStarted)_sink.After(0, 1)[0].Event).Device);
    }

    [Fact]
    public async Task Waiting_ForMore_EndsWithTheNextEvent()
    {
        _sink.Report(Step(1));
        var waiting = _sink.WaitAsync(1, CancellationToken.None);
        Assert.False(waiting.IsCompleted);

        _sink.Report(Step(2));

        await waiting.WaitAsync(TimeSpan.FromSeconds(30));
    }

    public void Dispose()
    {
        _journal.Dispose();
        _log.Dispose();
        _folder.Dispose();
    }

    private static StepCompleted Step(int step) => new(1, step, 0.5, 0.001, 30);
}

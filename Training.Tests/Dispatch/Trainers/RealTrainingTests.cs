using Dashboard.Dispatch;
using Dashboard.Processes;
using Dashboard.Runs;
using Dashboard.Storage;
using Training.Core.Runs;
using Training.Tests.TestKit;
using Training.Tests.TestProcesses;

namespace Training.Tests.Dispatch.Trainers;

/// <summary>Real dashboards and real trainers, each a process of its own, and what happens when one of them dies.</summary>
[TakesLong]
public sealed class RealTrainingTests : IAsyncLifetime, IDisposable
{
    private const int Run = 1;
    private readonly TemporaryFolder _root = new();
    private DashboardProcess _dashboard = null!;

    private StoredRun Stored => new(_root.Path, Run);

    private RunFolder Folder => new DashboardOptions { DataRoot = _root.Path }.RunFolder(Run);

    public async Task InitializeAsync()
    {
        await TinyRun.QueueAsync(_root, epochs: 10_000, small: true);
        _dashboard = await DashboardProcess.StartAsync(_root.Path);
    }

    [Fact]
    public async Task Trainer_Killed_TheRunSaysSoAndGoesOnByItself()
    {
        await StepsAsync(5);

        (await Stored.TrainerAsync()).Signal(ProcessIdentity.SigKill);

        await Eventually.TrueAsync(async () => (await Stored.GetAsync()).Attempt == 2, "another attempt");
        var died = (await Stored.AttemptsAsync())[0];
        Assert.True(died.Died);
        Assert.Contains("killed (signal 9)", died.Reason, StringComparison.Ordinal);
        Assert.Matches("The last lines of its log:\n.+", died.Reason);
        await StepsAsync((await Stored.GetAsync()).Step + 5);
        await PostAsync("stop");
        await StateAsync(RunState.Stopped);
        await AssertStoredStepsAreThoseOfTheJournalsAsync(attempts: 2);
    }

    [Fact]
    public async Task Dashboard_KilledWhileARunTrains_TakesUpTheSameRunAndNoStepIsMissingOrDoubled()
    {
        await StepsAsync(5);
        var trainer = await Stored.TrainerAsync();

        await _dashboard.KillAsync();
        var before = LastSequence();
        await Eventually.TrueAsync(() => LastSequence() > before + 20, "the trainer goes on without the dashboard");
        await RestartAsync();

        var known = (await AttemptAsync()).LastSequence;
        await Eventually.TrueAsync(async () => (await AttemptAsync()).LastSequence > Math.Max(known, before + 20), "the trainer is back");
        Assert.True(trainer.IsAlive);
        Assert.Equal(1, (await Stored.GetAsync()).Attempt);
        Assert.Equal(RunState.Training, (await Stored.GetAsync()).State);
        trainer.Signal(ProcessIdentity.SigTerm);
        Assert.Equal(RunState.Stopped, (await Stored.EndAsync()).State);
        await AssertEveryStepIsStoredOnceAsync();
    }

    [Fact]
    public async Task Dashboard_AndThenTheTrainerKilled_TheNextDashboardGoesOnWithTheRun()
    {
        await StepsAsync(5);
        var trainer = await Stored.TrainerAsync();
        await _dashboard.KillAsync();
        trainer.Signal(ProcessIdentity.SigKill);
        await Eventually.TrueAsync(() => !trainer.IsAlive, "the trainer is dead");

        await RestartAsync();

        await Eventually.TrueAsync(async () => (await Stored.GetAsync()).Attempt == 2, "another attempt");
        Assert.Contains("The trainer is gone", (await Stored.AttemptsAsync())[0].Reason, StringComparison.Ordinal);
        await StepsAsync((await Stored.GetAsync()).Step + 5);
        await PostAsync("stop");
        await StateAsync(RunState.Stopped);
        await AssertStoredStepsAreThoseOfTheJournalsAsync(attempts: 2);
    }

    [Fact]
    public async Task Trainer_WhoseRunAnotherAttemptHas_EndsByWhatTheFolderSays()
    {
        await StepsAsync(5);
        var trainer = await Stored.TrainerAsync();
        await _dashboard.KillAsync();

        AttemptFile.Write(Folder, 1);
        var before = LastSequence();
        await Eventually.TrueAsync(() => LastSequence() > before + 100, "its own attempt lets it go on");
        // As a dashboard over the same folders does.
        AttemptFile.Write(Folder, 2);

        await Eventually.TrueAsync(() => !trainer.IsAlive, "it left");
        Assert.Contains("Another attempt has the run; this one ends.", await File.ReadAllTextAsync(_root.In("runs", "1", "trainer.log")),
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task Trainer_KilledAgainAndAgainWithoutProgress_TheRunFailsWithTheLastReason()
    {
        await StepsAsync(5);
        for (var death = 0; death <= RunStore.MostDeaths; death++)
        {
            var attempt = death + 1;
            await Eventually.TrueAsync(async () => (await Stored.AttemptsAsync()).LastOrDefault() is { ProcessId: not null } last
                && last.Number == attempt, $"attempt {attempt}");
            (await Stored.TrainerAsync()).Signal(ProcessIdentity.SigKill);
        }

        var run = await Stored.EndAsync();
        Assert.Equal(RunState.Failed, run.State);
        Assert.StartsWith("It died 3 times in a row without getting any further.", run.Reason, StringComparison.Ordinal);
        Assert.Contains("killed (signal 9)", run.Reason, StringComparison.Ordinal);
        Assert.Equal(1 + RunStore.MostDeaths, run.Attempt);
    }

    [Fact]
    public async Task Dashboard_StoppedByCtrlC_LeavesItsTrainerAndSaysSo()
    {
        await StepsAsync(1);
        var trainer = await Stored.TrainerAsync();

        await _dashboard.InterruptAsync();

        Assert.True(trainer.IsAlive);
        Assert.Contains("go on without the dashboard", _dashboard.Output, StringComparison.Ordinal);
        trainer.Signal(ProcessIdentity.SigTerm);
        await Eventually.TrueAsync(() => Journal.Read(Folder.Journal(1))[^1].Event is Ended, "the trainer wrote its end");
        // It waits for a dashboard to deliver to, and here is one.
        await RestartAsync();
        Assert.Equal(RunState.Stopped, (await Stored.EndAsync()).State);
        await AssertEveryStepIsStoredOnceAsync();
    }

    [Fact]
    public async Task Run_PausedAndResumed_GoesOnInAnotherProcessAndNoStepIsMissingOrDoubled()
    {
        await StepsAsync(5);
        var first = await Stored.TrainerAsync();

        await PostAsync("pause");
        await StateAsync(RunState.Paused);
        await Eventually.TrueAsync(() => !first.IsAlive, "the device is free");
        var before = (await Stored.GetAsync()).Step;
        await PostAsync("resume");
        await StepsAsync(before + 5);
        (await Stored.TrainerAsync()).Signal(ProcessIdentity.SigKill);
        await Eventually.TrueAsync(async () => (await Stored.GetAsync()).Attempt == 3, "another attempt");
        await StepsAsync((await Stored.GetAsync()).Step + 5);
        await PostAsync("stop");

        await StateAsync(RunState.Stopped);
        Assert.Equal(before + 1, Steps(2)[0]);
        await AssertStoredStepsAreThoseOfTheJournalsAsync(attempts: 3);
    }

    public async Task DisposeAsync()
    {
        // The dashboard first: it would launch another trainer for each that dies.
        await _dashboard.DisposeAsync();
        await Stored.KillTrainersAsync();
    }

    public void Dispose() => _root.Dispose();

    /// <summary>Every step of any attempt's journal is stored, once, without a gap.</summary>
    private async Task AssertStoredStepsAreThoseOfTheJournalsAsync(int attempts)
    {
        Assert.Equal(attempts, (await Stored.AttemptsAsync()).Count);
        await Stored.AssertNoStepIsMissingOrDoubledAsync();
        Assert.Equal(Enumerable.Range(1, attempts).SelectMany(Steps).Distinct().Order(), await Stored.StepsAsync());
    }

    private async Task RestartAsync()
    {
        await _dashboard.DisposeAsync();
        _dashboard = await DashboardProcess.StartAsync(_root.Path);
    }

    private Task StepsAsync(int count) => Stored.SeeStepsAsync(count, () => _dashboard.Output);

    private async Task<AttemptRow> AttemptAsync() => (await Stored.AttemptsAsync())[^1];

    private long LastSequence() => Journal.Read(Folder.Journal(1)) is [.., var last] ? last.Sequence : 0;

    private Task PostAsync(string verb) => _dashboard.PostAsync($"api/runs/{Run}/{verb}");

    private Task StateAsync(RunState state) =>
        Eventually.TrueAsync(async () => (await Stored.GetAsync()).State == state, $"the run is {state}");

    private List<int> Steps(int attempt) =>
        [.. Journal.Read(Folder.Journal(attempt)).Select(entry => entry.Event).OfType<StepCompleted>().Select(step => step.Step)];

    private async Task AssertEveryStepIsStoredOnceAsync()
    {
        await Stored.AssertNoStepIsMissingOrDoubledAsync();
        Assert.Equal(Steps(1), await Stored.StepsAsync());
    }
}

using System.Net;
using Dashboard.Processes;
using Training.Tests.TestKit;
using Training.Tests.TestProcesses;

namespace Training.Tests.Dispatch.Agent;

/// <summary>Parts die in turn.</summary>
[TakesLong]
public sealed class AgentFaultTests : AgentStory
{
    [Fact]
    public async Task Agent_Dashboard_AndNetwork_DieInTurn_TheSameTrainerGoesOnAndNoStepIsLost()
    {
        await BeginAsync(epochs: 10_000);
        await using var network = new CutProxy(_dashboard.Url);
        var agent = Start(_one, "box one", network.Url);
        await StepsAsync(5);
        var trainer = await Stored.TrainerAsync();
        await AssertStrangersAreRefusedAsync();

        await agent.KillAsync();
        await MoreStepsAsync();
        Start(_one, "box one", network.Url);

        network.Silent = true;
        await Eventually.TrueAsync(async () => (await Stored.GetAsync()).LostContactAt is not null, "the page says that contact is lost");
        network.Silent = false;
        network.Cut();
        var heard = (await Stored.GetAsync()).Step;
        await Task.Delay(TimeSpan.FromSeconds(2));
        Assert.Equal(heard, (await Stored.GetAsync()).Step);
        network.Mend();
        network.Delay = TimeSpan.FromMilliseconds(50);
        await MoreStepsAsync();
        network.Delay = TimeSpan.Zero;
        Assert.Null((await Stored.GetAsync()).LostContactAt);

        await _dashboard.KillAsync();
        await Task.Delay(TimeSpan.FromSeconds(2));
        _dashboard = await DashboardProcess.StartAsync(_root.Path, "--Dashboard:TrainHere", "false");
        network.Target = _dashboard.Url;
        await MoreStepsAsync();

        Assert.True(trainer.IsAlive);
        Assert.Equal(1, (await Stored.GetAsync()).Attempt);
        // The agent that was started last watches it: its death is noticed.
        trainer.Signal(ProcessIdentity.SigKill);
        await Eventually.TrueAsync(async () => (await Stored.GetAsync()).Attempt == 2, "another attempt");
        Assert.Contains("The trainer is gone", (await Stored.AttemptsAsync())[0].Reason, StringComparison.Ordinal);
        await MoreStepsAsync();
        await StopAsync();
        await Stored.AssertNoStepIsMissingOrDoubledAsync();
        Assert.Equal(HttpStatusCode.Conflict, await PutAsync("files/trainer.log", await KeyAsync(), attempt: 2));
    }

    private async Task AssertStrangersAreRefusedAsync()
    {
        var key = await KeyAsync();
        var before = Directory.GetFileSystemEntries(_root.Path, "*", SearchOption.TopDirectoryOnly).Length;
        Assert.Equal(HttpStatusCode.Unauthorized, await PutAsync("files/classes.json", "made up"));
        Assert.Equal(HttpStatusCode.Unauthorized, await PutAsync("files/classes.json", secret: null));
        Assert.Equal(HttpStatusCode.BadRequest, await PutAsync("files/..%2F..%2Fdashboard.db", key));
        Assert.Equal(HttpStatusCode.BadRequest, await PutAsync("files/predictions/..%2f..%2f..%2fevil.txt", key));
        Assert.Equal(HttpStatusCode.BadRequest, await PutAsync("files/recipe.json", key));
        Assert.Equal(HttpStatusCode.BadRequest, await PutAsync("files/journal-1.jsonl", key));
        Assert.Equal(HttpStatusCode.BadRequest, await PutAsync("files/trainer.log", key, hash: new string('0', 64)));
        Assert.Equal(HttpStatusCode.Unauthorized, await PutAsync("files/trainer.log", key, attempt: 7));
        Assert.Equal(HttpStatusCode.NotFound, await GetAsync("files/..%2F..%2Fdashboard.db", key));
        Assert.Equal(HttpStatusCode.NotFound, await GetAsync("images/" + new string('0', 64), key));
        Assert.Equal(before, Directory.GetFileSystemEntries(_root.Path, "*", SearchOption.TopDirectoryOnly).Length);
    }
}

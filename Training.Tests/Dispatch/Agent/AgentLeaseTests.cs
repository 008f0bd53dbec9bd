using System.Net;
using Dashboard.Storage;
using Training.Tests.TestKit;
using Training.Tests.TestProcesses;

namespace Training.Tests.Dispatch.Agent;

/// <summary>A machine stays away.</summary>
[TakesLong]
public sealed class AgentLeaseTests : AgentStory
{
    [Fact]
    public async Task Machine_ThatStaysAwayLongerThanItsLease_LosesTheRunToAnotherOneAndIsToldToStop()
    {
        await BeginAsync(epochs: 10_000);
        var agent = Start(_one, "box one");
        await StepsAsync(5);
        await _dashboard.PostAsync("api/machines/box%20one/lease/15");
        await Eventually.TrueAsync(() => File.Exists(Folder.Checkpoint), "a checkpoint has come");
        var trainer = await Stored.TrainerAsync();

        AgentProcess.Freeze(trainer);
        agent.Freeze();
        var frozen = TimeProvider.System.GetTimestamp();
        Start(_other, "box two");
        await Eventually.TrueAsync(async () => (await Stored.GetAsync()).LostContactAt is not null, "the page says that contact is lost");
        var noticed = TimeProvider.System.GetElapsedTime(frozen);
        await Eventually.TrueAsync(async () => await Stored.GetAsync() is { Attempt: 2, Machine: "box two" },
            "the other machine has the run");
        await MoreStepsAsync();
        Assert.Null((await Stored.GetAsync()).LostContactAt);
        agent.Thaw();
        AgentProcess.Thaw(trainer);

        await Eventually.TrueAsync(() => !trainer.IsAlive, "the first trainer has stopped");
        // 15 seconds at most, and some more where three tests share two cores.
        Assert.InRange(noticed, TimeSpan.Zero, TimeSpan.FromSeconds(25));
        Assert.Contains("has not answered for", (await Stored.AttemptsAsync())[0].Reason, StringComparison.Ordinal);
        Assert.Equal(2, (await Stored.GetAsync()).Attempt);

        // A machine that is removed loses its run at once, and needs a new token.
        await _dashboard.PostAsync("api/machines/box%20one/mode/draining");
        trainer = await Stored.TrainerAsync();
        using (var http = new HttpClient())
        using (var response = await http.DeleteAsync(new Uri(_dashboard.Url, "api/machines/box%20two")))
            Assert.Equal(HttpStatusCode.NoContent, response.StatusCode);
        await Eventually.TrueAsync(() => !trainer.IsAlive, "its trainer stops");
        await Eventually.TrueAsync(() => _agents[^1].Output.Contains("refuses this machine", StringComparison.Ordinal), "it is refused");
        Assert.DoesNotContain("box two", await MachinesAsync(), StringComparison.Ordinal);
        // The other one takes nothing new.
        Assert.Equal(RunState.Queued, (await Stored.GetAsync()).State);
        await _dashboard.PostAsync("api/machines/box%20one/mode/active");
        await Eventually.TrueAsync(async () => await Stored.GetAsync() is { Attempt: 3, Machine: "box one" }, "it takes runs again");
        await MoreStepsAsync();
        await StopAsync();
        await Stored.AssertNoStepIsMissingOrDoubledAsync();
    }
}

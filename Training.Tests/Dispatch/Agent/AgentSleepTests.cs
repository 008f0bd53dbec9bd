using Training.Tests.TestKit;
using Training.Tests.TestProcesses;

namespace Training.Tests.Dispatch.Agent;

/// <summary>A machine that sleeps, as when a lid is closed, for less than its lease.</summary>
[TakesLong]
public sealed class AgentSleepTests : AgentStory
{
    [Fact]
    public async Task Machine_AsleepForAMinute_GoesOnWithTheSameTrainer()
    {
        await BeginAsync(epochs: 10_000);
        var agent = Start(_one, "box one");
        await StepsAsync(5);
        await _dashboard.PostAsync("api/machines/box%20one/lease/300");
        var trainer = await Stored.TrainerAsync();

        AgentProcess.Freeze(trainer);
        agent.Freeze();
        await Task.Delay(TimeSpan.FromMinutes(1));
        var asleep = await Stored.GetAsync();
        using (var http = new HttpClient())
            Assert.Contains("nobody knows how far it is", await http.GetStringAsync(new Uri(_dashboard.Url, $"runs/{Run}")),
                StringComparison.Ordinal);
        AgentProcess.Thaw(trainer);
        agent.Thaw();

        Assert.NotNull(asleep.LostContactAt);
        await StepsAsync(asleep.Step + 10);
        await Eventually.TrueAsync(async () => (await Stored.GetAsync()).LostContactAt is null, "contact is found again");
        Assert.True(trainer.IsAlive);
        Assert.Equal(1, (await Stored.GetAsync()).Attempt);
        await StopAsync();
        await Stored.AssertNoStepIsMissingOrDoubledAsync();
    }
}

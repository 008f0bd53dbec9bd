using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Dashboard.Dispatch;
using Dashboard.Machines;
using Dashboard.Runs;
using Dashboard.Storage;
using Training.Tests.Dispatch.Trainers;
using Training.Tests.TestKit;

namespace Training.Tests.Dispatch;

public sealed class MachineServiceTests : IAsyncLifetime
{
    private const string Box = "box";
    private readonly DashboardApp _app = new();

    public async Task InitializeAsync()
    {
        var store = _app.Get<MachineStore>();
        await store.JoinAsync(await store.CreateTokenAsync("test"), Box, "1");
        foreach (var name in (string[])["first", "second", "third"])
        {
            await TrainerStory.AddRunAsync(_app, name);
            await _app.Runs.TakeNextAsync(Box, "hash");
        }
    }

    public async Task DisposeAsync() => await _app.DisposeAsync();

    [Fact]
    public async Task Pause_OfAMachineWhoseFirstRunIsBeingStopped_PausesTheOthers()
    {
        await _app.Runs.RequestStopAsync(1, default);

        var result = await _app.Get<MachineService>().SetModeAsync(Box, MachineMode.Paused);

        Assert.True(result.IsDone, result.Problem);
        Assert.Equal([(true, false), (false, true), (false, true)],
            (await _app.Runs.ListAsync()).Select(run => (run.StopRequested, run.PauseRequested)));
    }

    [Fact]
    public async Task Pause_OverTheApi_OfAMachineWhoseRunsEndMeanwhile_IsDone()
    {
        await _app.Runs.FailAsync(1, 1, "over");
        await _app.Runs.RequestPauseAsync(2, default);

        using var answer = await _app.CreateClient().PostAsync(new Uri($"/api/machines/{Box}/mode/paused", UriKind.Relative), null);

        Assert.Equal(HttpStatusCode.NoContent, answer.StatusCode);
    }

    [Fact]
    public async Task Remove_OfWhatIsGone_IsAnAnswerAndNoError()
    {
        var service = _app.Get<MachineService>();
        Assert.True((await service.RemoveAsync(Box)).IsDone);

        Assert.Equal(CommandResult.NotFound, await service.RemoveAsync(Box));
        Assert.Equal(CommandResult.NotFound, await service.SetModeAsync(Box, MachineMode.Paused));
    }

    [Fact]
    public async Task Commands_OnARunInAnyState_AreAnsweredInASentence()
    {
        var door = _app.Get<RunService>();
        await _app.Runs.FailAsync(1, 1, "over");
        await _app.Runs.RequestStopAsync(2, default);

        Assert.Equal("“first” can't be paused: it is over.", (await door.PauseAsync(1)).Problem);
        Assert.Equal("“second” can't be paused: it is being stopped.", (await door.PauseAsync(2)).Problem);
        Assert.Equal("“third” is still getting ready. Stop it first, then delete it.", (await door.DeleteAsync(3)).Problem);
        Assert.True((await door.StopAsync(1)).IsDone);
        Assert.True((await door.StopAsync(2)).IsDone);
        Assert.True((await door.PauseAsync(3)).IsDone);
        Assert.True((await door.PauseAsync(3)).IsDone);
        Assert.Equal(CommandResult.NotFound, await door.PauseAsync(99));
        var refused = await _app.CreateClient().PostAsync(new Uri("/api/runs/1/pause", UriKind.Relative), null);
        Assert.Equal(HttpStatusCode.Conflict, refused.StatusCode);
        Assert.Equal("“first” can't be paused: it is over.",
            (await refused.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("detail").GetString());
    }
}

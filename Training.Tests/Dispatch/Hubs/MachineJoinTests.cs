using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using Dashboard.Dispatch;
using Dashboard.Machines;
using Dashboard.Protocol;
using Dashboard.Storage;
using Microsoft.AspNetCore.SignalR;
using Microsoft.AspNetCore.SignalR.Client;
using Microsoft.Extensions.DependencyInjection;
using Training.Core.Runs;
using Training.Tests.Dispatch.Trainers;
using Training.Tests.TestKit;

namespace Training.Tests.Dispatch.Hubs;

/// <summary>What a machine may ask of the hub, and what it may not, however it tries.</summary>
public sealed class MachineJoinTests : IAsyncLifetime
{
    private DashboardApp _app = null!;
    private string _token = "";

    public async Task InitializeAsync()
    {
        _app = DashboardApp.Listening();
        _token = await _app.Get<MachineStore>().CreateTokenAsync("test");
    }

    public async Task DisposeAsync() => await _app.DisposeAsync();

    [Theory]
    [InlineData("0.0.1", MachineProtocol.Version)]
    [InlineData(null, MachineProtocol.Version + 1)]
    public async Task Join_OfAnotherVersion_IsRefusedWithBothVersions(string? version, int protocol)
    {
        await using var connection = await ConnectAsync();

        var reply = await connection.InvokeAsync<JoinReply>(nameof(IMachineHub.Join), "box", _token, version ?? ProgramVersion.Text,
            protocol);

        Assert.Null(reply.Key);
        Assert.Contains($"the dashboard {ProgramVersion.Text}: bring both to the same version", reply.Refusal, StringComparison.Ordinal);
        Assert.Empty(await _app.Get<MachineStore>().ListAsync());
    }

    [Fact]
    public async Task Anything_BeforeItJoins_IsRefused()
    {
        await TrainerStory.AddRunAsync(_app);
        await using var connection = await ConnectAsync();

        var refusal = await Assert.ThrowsAsync<HubException>(() => connection.InvokeAsync<Assignment?>(nameof(IMachineHub.Take), "cpu"));

        Assert.Contains(MachineProtocol.UnknownMachine, refusal.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<HubException>(() => connection.InvokeAsync<IReadOnlyList<Assignment>>(nameof(IMachineHub.Live)));
        Assert.Equal(RunState.Queued, (await _app.Runs.GetAsync(1))!.State);
    }

    [Fact]
    public async Task Machine_SpeakingForAnother_ChangesNothing()
    {
        await TrainerStory.AddRunAsync(_app);
        await using var one = await JoinAsync("one");
        await using var two = await JoinAsync("two");
        var assignment = (await one.Hub.InvokeAsync<Assignment?>(nameof(IMachineHub.Take), "cpu"))!;
        JournalEntry[] entries = [new(1, DateTimeOffset.UnixEpoch, new Ended(RunOutcome.Failed, "evil", null, null, 1))];

        Assert.Null(await two.Hub.InvokeAsync<Standing?>(nameof(IMachineHub.Stand), assignment.RunId, 1));
        var refusal = await Assert.ThrowsAsync<HubException>(() =>
            two.Hub.InvokeAsync<long>(nameof(IMachineHub.Replay), assignment.RunId, 1, entries));
        Assert.Contains(MachineProtocol.StaleAttempt, refusal.Message, StringComparison.Ordinal);
        await two.Hub.InvokeAsync<bool>(nameof(IMachineHub.End), assignment.RunId, 1,
            new AttemptEnd("evil", IsFinal: true, HasCheckpoint: false));
        await two.Hub.InvokeAsync<bool>(nameof(IMachineHub.Phase), assignment.RunId, 1, "evil", 0.5);
        await two.Hub.InvokeAsync<bool>(nameof(IMachineHub.Launched), assignment with { ProcessId = 1, ProcessStart = 1 });
        Assert.Equal(HttpStatusCode.Unauthorized, await GetAsync(assignment.RunId, two.Key));

        var (run, attempt) = (await _app.Runs.AttemptAsync(assignment.RunId, 1))!.Value;
        Assert.Equal((RunState.Preparing, "", null), (run.State, run.Phase, attempt.ProcessId));
        Assert.True((await one.Hub.InvokeAsync<Standing?>(nameof(IMachineHub.Stand), assignment.RunId, 1))!.IsOpen);
        Assert.Equal(HttpStatusCode.OK, await GetAsync(assignment.RunId, one.Key));
        Assert.Empty(await two.Hub.InvokeAsync<IReadOnlyList<Assignment>>(nameof(IMachineHub.Live)));
        Assert.Single(await one.Hub.InvokeAsync<IReadOnlyList<Assignment>>(nameof(IMachineHub.Live)));
    }

    [Fact]
    public async Task Report_UnderAnothersName_CountsForTheMachineItself()
    {
        await using var one = await JoinAsync("one");
        var report = new MachineReport("somebody else", "Debian", "CPU", 2, 0.5, 1, 2, 3, 4, [], DateTimeOffset.MaxValue);

        await one.Hub.InvokeAsync(nameof(IMachineHub.ReportMachine), report);

        Assert.Null(_app.Get<MachineRegistry>().Get("somebody else"));
        // A clock that is wrong there doesn't matter here.
        Assert.InRange(_app.Get<MachineRegistry>().Get("one")!.At, TimeProvider.System.GetUtcNow().AddMinutes(-1),
            TimeProvider.System.GetUtcNow().AddMinutes(1));
    }

    [Fact]
    public async Task Message_LargerThanAnyHonestOne_EndsTheConnectionAndNothingElse()
    {
        await using var one = await JoinAsync("one");
        await using var two = await JoinAsync("two");

        await Assert.ThrowsAnyAsync<Exception>(() => one.Hub.InvokeAsync<Assignment?>(nameof(IMachineHub.Take), new string('x', 5 << 20)));

        Assert.Null(await two.Hub.InvokeAsync<Assignment?>(nameof(IMachineHub.Take), "cpu"));
        await Eventually.TrueAsync(() => one.Hub.State == HubConnectionState.Disconnected, "the connection is closed");
        await Eventually.TrueAsync(async () =>
            (await _app.Get<MachineService>().ListAsync()).Single(machine => machine.Name == "one").AwaySince is not null, "it is away");
    }

    [Fact]
    public async Task Take_IsToldWhenSomethingWaits()
    {
        await using var one = await JoinAsync("one");
        var told = new TaskCompletionSource();
        one.Hub.On(MachineProtocol.LookMessage, () => told.TrySetResult());
        Assert.Null(await one.Hub.InvokeAsync<Assignment?>(nameof(IMachineHub.Take), "cpu"));

        await TrainerStory.AddRunAsync(_app);

        await told.Task.WaitAsync(TimeSpan.FromSeconds(20));
        Assert.NotNull(await one.Hub.InvokeAsync<Assignment?>(nameof(IMachineHub.Take), "cpu"));
    }

    [Fact]
    public async Task Api_OfTokensAndModes_SaysWhatIsWrong()
    {
        await using var one = await JoinAsync("one");
        using var client = _app.CreateClient();

        Assert.Equal(HttpStatusCode.BadRequest, (await client.PostAsJsonAsync("/api/machines/tokens", new { name = " " })).StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest,
            (await client.PostAsync(new Uri("/api/machines/one/mode/sleeping", UriKind.Relative), null)).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound,
            (await client.PostAsync(new Uri("/api/machines/nobody/mode/paused", UriKind.Relative), null)).StatusCode);
        Assert.Equal(HttpStatusCode.NoContent,
            (await client.PostAsync(new Uri("/api/machines/one/mode/draining", UriKind.Relative), null)).StatusCode);
        await TrainerStory.AddRunAsync(_app);
        Assert.Null(await one.Hub.InvokeAsync<Assignment?>(nameof(IMachineHub.Take), "cpu"));
        Assert.DoesNotContain(_token, await client.GetStringAsync(new Uri("/api/machines/tokens", UriKind.Relative)),
            StringComparison.Ordinal);
    }

    private async Task<HttpStatusCode> GetAsync(int run, string key)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(_app.Url, $"api/machines/link/runs/{run}/attempts/1/files"));
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key);
        using var http = new HttpClient();
        using var response = await http.SendAsync(request);
        return response.StatusCode;
    }

    private async Task<Joined> JoinAsync(string name)
    {
        var connection = await ConnectAsync();
        var reply = await connection.InvokeAsync<JoinReply>(nameof(IMachineHub.Join), name, _token, ProgramVersion.Text,
            MachineProtocol.Version);
        return new Joined(connection, reply.Key!);
    }

    private async Task<HubConnection> ConnectAsync()
    {
        var connection = new HubConnectionBuilder()
            .WithUrl(new Uri(_app.Url, MachineProtocol.Path))
            .WithKeepAliveInterval(MachineProtocol.Ping)
            .AddJsonProtocol(json => CoreJson.Apply(json.PayloadSerializerOptions))
            .Build();
        await connection.StartAsync();
        return connection;
    }

    private sealed record Joined(HubConnection Hub, string Key) : IAsyncDisposable
    {
        public ValueTask DisposeAsync() => Hub.DisposeAsync();
    }
}

using System.Net.WebSockets;
using System.Text;
using Dashboard.Access.Doors;
using Dashboard.Machines;
using Dashboard.Protocol;
using Microsoft.AspNetCore.SignalR.Client;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using Training.Core.Runs;
using Training.Tests.TestKit;

namespace Training.Tests.Access.Doors;

/// <summary>Who hasn't said who it is gets little room at the machines' hub, and nobody else less for it. Over real connections.</summary>
public sealed class StrangersTests : IAsyncLifetime, IDisposable
{
    private const char End = '\u001e';
    private const string Handshake = "{\"protocol\":\"json\",\"version\":1}";

    private readonly LogLines _log = new();
    private readonly FakeTimeProvider _clock = new(TimeProvider.System.GetUtcNow());
    private readonly List<ClientWebSocket> _sockets = [];
    private DashboardApp _app = null!;

    public Task InitializeAsync()
    {
        _app = DashboardApp.Listening(services: services =>
            services.AddSingleton<ILoggerProvider>(_log).AddSingleton<TimeProvider>(_clock));
        return Task.CompletedTask;
    }

    public async Task DisposeAsync()
    {
        foreach (var socket in _sockets) socket.Dispose();
        await _app.DisposeAsync();
    }

    public void Dispose() => _log.Dispose();

    private Strangers Strangers => _app.Get<Strangers>();

    [Fact]
    public async Task Message_LargerThanAJoin_ClosesTheConnectionBeforeItIsRead()
    {
        var socket = await ConnectAsync();
        await SendAsync(socket, Handshake);

        await SendAsync(socket, Join(version: new string('x', 3_900_000)), mayFail: true);

        await ClosedAsync(socket);
        Assert.Contains("was closed: it sent a message larger than 16 kB", Assert.Single(_log.Of("Dashboard")), StringComparison.Ordinal);
        Assert.Empty(_log.Of("Microsoft.AspNetCore.SignalR"));
        await JoinsAsync("honest");
    }

    [Fact]
    public async Task Join_InPiecesTogetherWithALargeReport_IsTaken()
    {
        var token = await _app.Get<MachineStore>().CreateTokenAsync("test");
        var socket = await ConnectAsync();
        var report = $"{{\"type\":1,\"invocationId\":\"2\",\"target\":\"ReportMachine\",\"arguments\":[{new string(' ', 200_000)}{{}}]}}";
        var message = Handshake + End + Join("box", token) + End + report + End;

        // One byte at the borders, then all at once: what follows the join arrives while nobody knows yet who it is.
        await socket.SendAsync(Encoding.UTF8.GetBytes(message[..40]), WebSocketMessageType.Text, true, default);
        await socket.SendAsync(Encoding.UTF8.GetBytes(message[40..41]), WebSocketMessageType.Text, true, default);
        await socket.SendAsync(Encoding.UTF8.GetBytes(message[41..]), WebSocketMessageType.Text, true, default);

        var answers = await ReadUntilAsync(socket, "\"invocationId\":\"2\"");
        Assert.Contains("\"refusal\":null", answers, StringComparison.Ordinal);
        Assert.Contains("report.name is missing", answers, StringComparison.Ordinal);
        Assert.Equal(0, Strangers.Count);
    }

    [Fact]
    public async Task Join_RefusedAgainAndAgain_ClosesTheConnectionAndFillsNoLog()
    {
        var socket = await ConnectAsync();
        await SendAsync(socket, Handshake);
        for (var i = 0; i < 3 * Strangers.MostRefusals && socket.State == WebSocketState.Open; i++)
            await SendAsync(socket, Join(name: $"name {i}\nfail: forged", version: new string((char)('a' + i % 26), 90)), mayFail: true);

        await ClosedAsync(socket);

        var lines = _log.Of("Dashboard.Dispatch.Hubs.TrainerHub");
        Assert.InRange(lines.Count, Strangers.MostRefusals, 2 * Strangers.MostRefusals);
        Assert.All(lines, line => Assert.InRange(line.Length, 0, 700));
        Assert.DoesNotContain(lines, line => line.Contains('\n', StringComparison.Ordinal));
        Assert.Empty(_log.Of("Microsoft.AspNetCore.SignalR"));
    }

    [Fact]
    public async Task Connections_ThatSayNothing_AreClosedInTime()
    {
        for (var i = 0; i < 100; i++) await ConnectAsync();
        await SendAsync(_sockets[0], Handshake);
        await Eventually.TrueAsync(() => Strangers.Count == 100, "100 strangers");

        _clock.Advance(Strangers.Patience);

        foreach (var socket in _sockets) await ClosedAsync(socket);
        await Eventually.TrueAsync(() => Strangers.Count == 0, "no stranger");
    }

    [Fact]
    public async Task Connections_MoreThanThereIsRoomFor_KeepNobodyOut()
    {
        for (var i = 0; i < Strangers.MostOfOneAddress + 20; i++) await ConnectAsync();

        await JoinsAsync("honest");

        await Eventually.TrueAsync(() => Strangers.Count <= Strangers.MostOfOneAddress, "no more strangers than there is room for");
        await ClosedAsync(_sockets[0]);
        Assert.Equal(WebSocketState.Open, _sockets[^1].State);
    }

    [Fact]
    public async Task Connection_ThatHasJoined_StaysAndMaySendMuch()
    {
        await using var connection = HubClient.To(_app.Url, MachineProtocol.Path);
        await connection.StartAsync();
        await JoinAsync(connection, "box");

        _clock.Advance(Strangers.Patience);
        var refused = await Assert.ThrowsAsync<Microsoft.AspNetCore.SignalR.HubException>(() =>
            connection.InvokeAsync<bool>(nameof(IMachineHub.Phase), 1, 1, new string('x', 1_000_000), 0.5));

        Assert.Contains("words has 1000000 characters; 32000 at most.", refused.Message, StringComparison.Ordinal);
        Assert.Equal(HubConnectionState.Connected, connection.State);
    }

    [Fact]
    public async Task Form_OfAStranger_IsNotReadBeyondWhatASignInNeeds()
    {
        using var app = new DashboardApp(settings: new Dictionary<string, string> { ["Dashboard:SignInHere"] = "true" });
        using var client = app.CreateClient();
        using var form = new FormUrlEncodedContent([new("name", new string('x', 1 << 20))]);

        using var answer = await client.PostAsync(new Uri("/sign-in", UriKind.Relative), form);

        Assert.InRange((int)answer.StatusCode, 400, 499);
    }

    private async Task JoinsAsync(string name)
    {
        await using var connection = HubClient.To(_app.Url, MachineProtocol.Path);
        await connection.StartAsync();
        await JoinAsync(connection, name);
    }

    private async Task JoinAsync(HubConnection connection, string name)
    {
        var token = await _app.Get<MachineStore>().CreateTokenAsync("test");
        Assert.Null((await connection.InvokeAsync<JoinReply>(nameof(IMachineHub.Join), name, token, ProgramVersion.Text,
            MachineProtocol.Version)).Refusal);
    }

    private async Task<ClientWebSocket> ConnectAsync()
    {
        var socket = new ClientWebSocket();
        _sockets.Add(socket);
        await socket.ConnectAsync(new UriBuilder(new Uri(_app.Url, MachineProtocol.Path)) { Scheme = "ws" }.Uri, CancellationToken.None);
        return socket;
    }

    private static string Join(string name = "box", string secret = "x", string? version = null) =>
        $"{{\"type\":1,\"invocationId\":\"1\",\"target\":\"Join\",\"arguments\":[{Json(name)},{Json(secret)},{Json(version ?? ProgramVersion.Text)},{MachineProtocol.Version}]}}";

    private static string Json(string text) => System.Text.Json.JsonSerializer.Serialize(text, CoreJson.Options);

    private static async Task SendAsync(ClientWebSocket socket, string message, bool mayFail = false)
    {
        try
        {
            await socket.SendAsync(Encoding.UTF8.GetBytes(message + End), WebSocketMessageType.Text, true, CancellationToken.None);
        }
        catch (Exception e) when (mayFail && e is WebSocketException or IOException)
        {
            // Closed while it was being sent.
        }
    }

    private static async Task<string> ReadUntilAsync(ClientWebSocket socket, string wanted)
    {
        var (text, buffer) = (new StringBuilder(), new byte[4096]);
        while (!text.ToString().Contains(wanted, StringComparison.Ordinal))
        {
            var got = await socket.ReceiveAsync(buffer, CancellationToken.None);
            Assert.NotEqual(WebSocketMessageType.Close, got.MessageType);
            text.Append(Encoding.UTF8.GetString(buffer, 0, got.Count));
        }
        return text.ToString();
    }

    /// <summary>Returns when the other side has ended it.</summary>
    private static async Task ClosedAsync(ClientWebSocket socket)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        var buffer = new byte[4096];
        try
        {
            while ((await socket.ReceiveAsync(buffer, patience.Token)).MessageType != WebSocketMessageType.Close)
            {
            }
        }
        catch (WebSocketException)
        {
            // Without a word.
        }
    }
}

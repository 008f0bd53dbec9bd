using System.Net;
using System.Net.Http.Headers;
using System.Net.WebSockets;
using System.Security.Cryptography;
using System.Text;
using Dashboard.Dispatch.Files;
using Dashboard.Machines;
using Dashboard.Protocol;
using Dashboard.Storage;
using Microsoft.AspNetCore.SignalR;
using Microsoft.AspNetCore.SignalR.Client;
using Microsoft.EntityFrameworkCore;
using Training.Core.Metrics.Predictions;
using Training.Core.Runs;
using Training.Tests.Dispatch.Trainers;
using Training.Tests.TestKit;

namespace Training.Tests.Dispatch.Hubs;

/// <summary>
/// Machines and trainers that lie. What they try is refused, changes nothing, and stands in the log with who it was and why.
/// </summary>
public sealed class HostileMachineTests : IAsyncLifetime, IDisposable
{
    private readonly LogLines _log = new();
    private TrainerStory _story = null!;

    private IReadOnlyList<string> HubLines => _log.Of("Dashboard.Dispatch.Hubs.TrainerHub");

    private IReadOnlyList<string> FileLines => _log.Of("Dashboard.Dispatch.Files.MachineFiles");

    public async Task InitializeAsync() => _story = await TrainerStory.BeginAsync(_log);

    public async Task DisposeAsync() => await _story.DisposeAsync();

    public void Dispose() => _log.Dispose();

    [Fact]
    public async Task Report_WithGapsAndMadeUpNumbers_StoresOnlyWhatFollows()
    {
        await using var trainer = await AttachedAsync();

        Assert.Equal(0, await ReportAsync(trainer, Step(2, 1)));
        Assert.Equal(0, await ReportAsync(trainer, Step(long.MaxValue, 2)));
        await Assert.ThrowsAsync<HubException>(() => ReportAsync(trainer, Step(-1, 3), Step(0, 4), Step(long.MinValue, 5)));
        Assert.Equal(2, await ReportAsync(trainer, Step(1, 6), Step(2, 7), Step(4, 8)));

        Assert.Equal([6, 7], await _story.StepsAsync());
    }

    [Fact]
    public async Task Report_WithOneEventThatCantBe_IsRefusedWholeAndLoggedOnce()
    {
        await using var trainer = await AttachedAsync();
        JournalEntry[] entries = [Step(1, 1), Step(2, 2) with { Event = new StepCompleted(100_001, 2, 0.5, 0.001, 30) }];

        for (var i = 0; i < 30; i++)
        {
            var refusal = await Assert.ThrowsAsync<HubException>(() => ReportAsync(trainer, entries));
            Assert.Contains("impossible-message: entries[1].event.epoch is 100001; it goes from 1 to 100000.", refusal.Message,
                StringComparison.Ordinal);
        }

        Assert.Empty(await _story.StepsAsync());
        Assert.Equal(1, await ReportAsync(trainer, Step(1, 1)));
        var line = Assert.Single(_log.Of("Dashboard.Dispatch.Hubs.MessageFilter"));
        Assert.StartsWith($"The trainer of run {_story.Run.Id}, attempt 1, at 127.0.0.1 sent a Report that can't be", line,
            StringComparison.Ordinal);
        Assert.Empty(_log.Of("Microsoft.AspNetCore.SignalR"));
    }

    [Fact]
    public async Task Report_BeyondTheRunsPlan_IsRefusedAlsoAfterAnotherConnectionToldThePlan()
    {
        await using (var first = await AttachedAsync())
            await ReportAsync(first, Step(1, 1) with { Event = new TrainingStarted(1000, 10, 80, 20, "cpu", "fp32") });
        await using var second = await AttachedAsync();

        var refusal = await Assert.ThrowsAsync<HubException>(() => ReportAsync(second, Step(2, 10_001)));

        Assert.Contains("entries[0] is step 10001; the run has 10000.", refusal.Message, StringComparison.Ordinal);
        Assert.Equal(2, await ReportAsync(second, Step(2, 10_000)));
    }

    [Fact]
    public async Task Predictions_OfClassesThatTheRunHasNot_AreNotTaken()
    {
        using var folder = new TemporaryFolder();
        PredictionFile.Write(folder.In("it.parquet"), [new Prediction(1, 0, [1_000_000, 0], [0.9f, 0.1f], 0.1f)]);

        Assert.Equal(HttpStatusCode.BadRequest,
            await PutAsync("predictions/epoch-0001.parquet", new ByteArrayContent(await File.ReadAllBytesAsync(folder.In("it.parquet")))));
        Assert.Equal(HttpStatusCode.BadRequest, await PutAsync("predictions/epoch-0001.parquet", new ByteArrayContent([1, 2, 3])));

        Assert.DoesNotContain(Files(), file => file.Contains("epoch-0001", StringComparison.Ordinal));
        Assert.Equal(2, FileLines.Count(line =>
            line.Contains("“predictions/epoch-0001.parquet” is not a file of predictions", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Files_RefusedAgainAndAgain_AreOneLineOfTheLog()
    {
        for (var i = 0; i < 30; i++)
            Assert.Equal(HttpStatusCode.Unauthorized, await PutAsync("trainer.log", new ByteArrayContent([1]), secret: "wrong"));

        Assert.Single(FileLines);
    }

    [Fact]
    public async Task Report_OfTheSameFromTwoConnectionsAtOnce_IsStoredOnce()
    {
        await using var one = await AttachedAsync();
        await using var two = await AttachedAsync();
        JournalEntry[] entries = [.. Enumerable.Range(1, 200).Select(i => Step(i, i))];

        await Task.WhenAll(Enumerable.Range(0, 10)
            .SelectMany(i => new[] { ReportAsync(one, entries[..(20 * i + 20)]), ReportAsync(two, entries) }));

        Assert.Equal(Enumerable.Range(1, 200), await _story.StepsAsync());
    }

    [Fact]
    public async Task Report_WithTimesThatNoClockHas_IsStoredUnderTheDashboardsTime()
    {
        await using var trainer = await AttachedAsync();
        await trainer.InvokeAsync(nameof(ITrainerHub.Clock), DateTimeOffset.MinValue);

        await ReportAsync(trainer, Step(1, 1) with { At = DateTimeOffset.MaxValue });

        await using var db = _story.App.Database();
        Assert.True((await db.Steps.SingleAsync()).At <= TimeProvider.System.GetUtcNow());
    }

    [Fact]
    public async Task Attach_WithTheSecretOfAnotherRun_IsRefusedAndLogged()
    {
        var other = await TrainerStory.AddRunAsync(_story.App, "another");
        await _story.App.Runs.TakeNextAsync("elsewhere", AttemptToken.Hash("its own"));
        await using var connection = await ConnectAsync();

        var reply = await connection.InvokeAsync<AttachReply>(nameof(ITrainerHub.Attach), other.Id, 1, _story.Token);

        Assert.StartsWith(MachineProtocol.UnknownAttempt, reply.Refusal, StringComparison.Ordinal);
        await Assert.ThrowsAsync<HubException>(() => ReportAsync(connection, Step(1, 1)));
        Assert.Contains(HubLines, line => line.StartsWith("A trainer at 127.0.0.1 was refused", StringComparison.Ordinal)
            && line.Contains($"no attempt 1 of run {other.Id} with this secret", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Report_OfAnAttemptThatHasASuccessor_IsRefusedAndLogged()
    {
        await using var trainer = await AttachedAsync();
        await ReportAsync(trainer, Step(1, 1));
        await _story.App.Runs.DieAsync(_story.Run.Id, 1, "away", hasCheckpoint: true);
        await _story.App.Runs.TakeNextAsync("elsewhere", AttemptToken.Hash("its own"));

        var refusal = await Assert.ThrowsAsync<HubException>(() => ReportAsync(trainer, Step(2, 2)));

        Assert.Contains(MachineProtocol.StaleAttempt, refusal.Message, StringComparison.Ordinal);
        Assert.Contains(HubLines, line => line.Contains("has moved on to attempt 2", StringComparison.Ordinal));
        Assert.Equal([1], await _story.StepsAsync());
        Assert.Equal(HttpStatusCode.Conflict, await PutAsync("trainer.log", new ByteArrayContent([1])));
    }

    [Fact]
    public async Task Machine_AskingForTheAttemptOfAnother_IsLoggedByItsName()
    {
        var token = await _story.App.Get<MachineStore>().CreateTokenAsync("test");
        await using var connection = await ConnectAsync();
        var joined = await connection.InvokeAsync<JoinReply>(nameof(IMachineHub.Join), "thief", token, ProgramVersion.Text,
            MachineProtocol.Version);

        await connection.InvokeAsync<bool>(nameof(IMachineHub.End), _story.Run.Id, 1,
            new { reason = "evil", isFinal = true, hasCheckpoint = false });

        Assert.Equal(RunState.Preparing, (await _story.StateAsync()).State);
        Assert.Contains(HubLines, line =>
            line.Contains($"thief at 127.0.0.1 was refused; it is not told of again. Attempt 1 of run {_story.Run.Id} is not one of its "
                + "own", StringComparison.Ordinal));
        Assert.Equal(HttpStatusCode.Unauthorized, await PutAsync("trainer.log", new ByteArrayContent([1]), secret: joined.Key));
        Assert.Contains(FileLines, line => line.StartsWith("thief at 127.0.0.1: PUT of", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("..%2F..%2Fdashboard.db")]
    [InlineData("%2Fetc%2Fpasswd")]
    [InlineData("predictions%2F..%2F..%2F..%2Fevil.parquet")]
    [InlineData("predictions/epoch-0001.parquet%2F..%2F..%2Fevil")]
    [InlineData("..%5C..%5Cevil.txt")]
    [InlineData("C:%5Cevil.txt")]
    [InlineData("best_model.pth%0A")]
    [InlineData("best_model.pth.part")]
    [InlineData("predictions/epoch-%D9%A0%D9%A0%D9%A0%D9%A1.parquet")]
    [InlineData("recipe.json")]
    [InlineData("start/model.pth")]
    [InlineData("predictions/epoch-00001%E2%80%AE.parquet")]
    public async Task File_UnderANameThatNoRunLeaves_IsRefusedLoggedAndNowhere(string name)
    {
        var before = Files();

        Assert.Equal(HttpStatusCode.BadRequest, await PutAsync(name, new ByteArrayContent([1, 2, 3])));

        Assert.Equal(before, Files());
        Assert.Contains(FileLines, line => line.StartsWith($"{TrainerStory.Machine} at 127.0.0.1: PUT of", StringComparison.Ordinal)
            && line.Contains("is no file that a run leaves", StringComparison.Ordinal));
    }

    [Fact]
    public async Task File_OfUnknownOrAbsurdLength_IsRefusedBeforeItIsRead()
    {
        var endless = new EndlessContent(length: null);
        var large = new EndlessContent(length: 1L << 40);

        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, await PutAsync("best_model.pth", endless));
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, await PutAsync("best_model.pth", large));

        Assert.InRange(endless.Sent + large.Sent, 0, 64 << 20);
        Assert.Contains(FileLines, line => line.Contains("has a known length", StringComparison.Ordinal));
        Assert.DoesNotContain(Files(), file => file.EndsWith(".arriving", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Message_WithoutAnEnd_IsCutOffBeforeItIsLarge()
    {
        using var socket = new ClientWebSocket();
        await socket.ConnectAsync(new UriBuilder(new Uri(_story.App.Url, MachineProtocol.Path)) { Scheme = "ws" }.Uri,
            CancellationToken.None);
        await socket.SendAsync(Encoding.UTF8.GetBytes("{\"protocol\":\"json\",\"version\":1}\u001e"), WebSocketMessageType.Text, true,
            CancellationToken.None);
        var piece = Encoding.ASCII.GetBytes(new string('x', 1 << 20));
        var sent = 0L;

        await Assert.ThrowsAnyAsync<Exception>(async () =>
        {
            using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
            for (; sent < 1L << 30; sent += piece.Length)
                await socket.SendAsync(piece, WebSocketMessageType.Text, endOfMessage: false, patience.Token);
        });

        // What the hub takes of one message, and what lies in the system's buffers.
        Assert.InRange(sent, 0, MachineProtocol.MaxMessageBytes + (32 << 20));
        await using var honest = await AttachedAsync();
        Assert.Equal(1, await ReportAsync(honest, Step(1, 1)));
    }

    private List<string> Files() =>
        [.. Directory.EnumerateFiles(_story.App.DataRoot, "*", SearchOption.AllDirectories)
            .Where(file => !file.Contains("dashboard.db", StringComparison.Ordinal)).Order(StringComparer.Ordinal)];

    private async Task<HttpStatusCode> PutAsync(string name, HttpContent content, string? secret = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Put,
            new Uri(_story.App.Url, $"{MachineFiles.Prefix}/runs/{_story.Run.Id}/attempts/1/files/{name}")) { Content = content };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", secret ?? _story.Token);
        request.Headers.ExpectContinue = true;
        if (content is ByteArrayContent bytes)
            request.Headers.Add(MachineFiles.HashHeader, Convert.ToHexStringLower(SHA256.HashData(await bytes.ReadAsByteArrayAsync())));
        using var http = new HttpClient();
        using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        return response.StatusCode;
    }

    private async Task<HubConnection> AttachedAsync()
    {
        var connection = await ConnectAsync();
        Assert.Null((await connection.InvokeAsync<AttachReply>(nameof(ITrainerHub.Attach), _story.Run.Id, 1, _story.Token)).Refusal);
        return connection;
    }

    private async Task<HubConnection> ConnectAsync()
    {
        var connection = HubClient.To(_story.App.Url, MachineProtocol.Path);
        await connection.StartAsync();
        return connection;
    }

    private static Task<long> ReportAsync(HubConnection connection, params IReadOnlyList<JournalEntry> entries) =>
        connection.InvokeAsync<long>(nameof(ITrainerHub.Report), entries);

    private static JournalEntry Step(long sequence, int step) =>
        new(sequence, DateTimeOffset.UnixEpoch, new StepCompleted(1, step, 0.5, 0.001, 30));

    /// <summary>Noughts without end, or of a length that no disk has.</summary>
    private sealed class EndlessContent(long? length) : HttpContent
    {
        public long Sent { get; private set; }

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            var piece = new byte[1 << 16];
            while (true)
            {
                await stream.WriteAsync(piece);
                Sent += piece.Length;
            }
        }

        protected override bool TryComputeLength(out long announced)
        {
            announced = length ?? 0;
            return length is not null;
        }
    }
}

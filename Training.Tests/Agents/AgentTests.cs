using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Dashboard;
using Dashboard.Runs;
using Dashboard.Storage;
using Dashboard.Trainers;
using Microsoft.EntityFrameworkCore;
using Training.Core.Runs;
using Training.Tests.TestKit;
using Training.Tests.Trainers;

namespace Training.Tests.Agents;

/// <summary>A dashboard that doesn't train, and machines that do: all of them real processes, and what happens when they die.</summary>
public sealed class AgentTests : IAsyncLifetime, IDisposable
{
    private const int Run = 1;
    private readonly TemporaryFolder _root = new();
    private readonly TemporaryFolder _one = new();
    private readonly TemporaryFolder _other = new();
    private readonly List<AgentProcess> _agents = [];
    private DashboardProcess _dashboard = null!;
    private string _token = "";

    private RunFolder Folder => new DashboardOptions { DataRoot = _root.Path }.RunFolder(Run);

    public Task InitializeAsync() => Task.CompletedTask;

    [Fact]
    public async Task Machine_ThatJoins_TrainsWhatWaitsAndItsFilesComeBack()
    {
        await BeginAsync(epochs: 3);
        var stranger = AgentProcess.Start(_other.Path, _dashboard.Url, "stranger", "made up");
        _agents.Add(stranger);
        var agent = Start(_one, "box one");

        await Eventually.TrueAsync(async () => (await MachinesAsync()).Contains("box one", StringComparison.Ordinal), "the machine is listed");
        var run = await EndAsync();

        Assert.Equal((RunState.Completed, "box one"), (run.State, run.Machine));
        Assert.All([Folder.BestModel, Folder.Onnx, Folder.Safetensors, Folder.Classes, Folder.Metrics, Folder.ExportCheck], file => Assert.True(File.Exists(file), file));
        Assert.All(Enumerable.Range(1, 3), epoch => Assert.True(File.Exists(Folder.Predictions(epoch)), $"predictions of epoch {epoch}"));
        Assert.False(File.Exists(Folder.Checkpoint), "A run that is complete has nothing to resume.");
        Assert.Empty(Directory.EnumerateFiles(Folder.Path, "*.arriving", SearchOption.AllDirectories));
        // The manifest of the dashboard still leads to its own images.
        Assert.StartsWith(_root.Path, JsonDocument.Parse(File.ReadAllText(Folder.Manifest)).RootElement.GetProperty("root").GetString()!, StringComparison.Ordinal);
        Assert.Contains("Joined", agent.Output, StringComparison.Ordinal);
        if (!OperatingSystem.IsWindows()) Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(_one.In("machine-key.txt")));
        // Whoever has no token of this dashboard learns why, and isn't listed.
        Assert.Equal(2, await stranger.ExitAsync());
        Assert.Contains("doesn't know this token", stranger.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("stranger", await MachinesAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Agent_Dashboard_AndNetwork_DieInTurn_TheSameTrainerGoesOnAndNoStepIsLost()
    {
        await BeginAsync(epochs: 10_000);
        await using var network = new CutProxy(_dashboard.Url);
        var agent = Start(_one, "box one", network.Url);
        await StepsAsync(5);
        var trainer = await TrainerAsync();
        await AssertStrangersAreRefusedAsync();

        await agent.KillAsync();
        await MoreStepsAsync();
        Start(_one, "box one", network.Url);

        network.Silent = true;
        await Eventually.TrueAsync(async () => (await RunAsync()).LostContactAt is not null, "the page says that contact is lost");
        network.Silent = false;
        network.Cut();
        var heard = (await RunAsync()).Step;
        await Task.Delay(TimeSpan.FromSeconds(2));
        Assert.Equal(heard, (await RunAsync()).Step);
        network.Mend();
        network.Delay = TimeSpan.FromMilliseconds(50);
        await MoreStepsAsync();
        network.Delay = TimeSpan.Zero;
        Assert.Null((await RunAsync()).LostContactAt);

        await _dashboard.KillAsync();
        await Task.Delay(TimeSpan.FromSeconds(2));
        _dashboard = await DashboardProcess.StartAsync(_root.Path, "--Dashboard:TrainHere", "false");
        network.Target = _dashboard.Url;
        await MoreStepsAsync();

        Assert.True(trainer.IsAlive);
        Assert.Equal(1, (await RunAsync()).Attempt);
        // The agent that was started last watches it: its death is noticed.
        trainer.Signal(ProcessIdentity.SigKill);
        await Eventually.TrueAsync(async () => (await RunAsync()).Attempt == 2, "another attempt");
        Assert.Contains("The trainer is gone", (await AttemptsAsync())[0].Reason, StringComparison.Ordinal);
        await MoreStepsAsync();
        await StopAsync();
        await AssertNoStepIsMissingOrDoubledAsync();
        Assert.Equal(HttpStatusCode.Conflict, await PutAsync("files/trainer.log", await KeyAsync(), attempt: 2));
    }

    [Fact]
    public async Task Machine_ThatStaysAwayLongerThanItsLease_LosesTheRunToAnotherOneAndIsToldToStop()
    {
        await BeginAsync(epochs: 10_000);
        var agent = Start(_one, "box one");
        await StepsAsync(5);
        await PostAsync("api/machines/box%20one/lease/15");
        await Eventually.TrueAsync(() => File.Exists(Folder.Checkpoint), "a checkpoint has come");
        var trainer = await TrainerAsync();

        AgentProcess.Freeze(trainer);
        agent.Freeze();
        var frozen = TimeProvider.System.GetTimestamp();
        Start(_other, "box two");
        await Eventually.TrueAsync(async () => (await RunAsync()).LostContactAt is not null, "the page says that contact is lost");
        var noticed = TimeProvider.System.GetElapsedTime(frozen);
        await Eventually.TrueAsync(async () => await RunAsync() is { Attempt: 2, Machine: "box two" }, "the other machine has the run");
        await MoreStepsAsync();
        Assert.Null((await RunAsync()).LostContactAt);
        agent.Thaw();
        AgentProcess.Thaw(trainer);

        await Eventually.TrueAsync(() => !trainer.IsAlive, "the first trainer has stopped");
        Assert.InRange(noticed, TimeSpan.Zero, TimeSpan.FromSeconds(15));
        Assert.Contains("has not answered for", (await AttemptsAsync())[0].Reason, StringComparison.Ordinal);
        Assert.Equal(2, (await RunAsync()).Attempt);

        // A machine that is removed loses its run at once, and needs a new token.
        await PostAsync("api/machines/box%20one/mode/draining");
        trainer = await TrainerAsync();
        using (var http = new HttpClient())
        using (var response = await http.DeleteAsync(new Uri(_dashboard.Url, "api/machines/box%20two")))
            Assert.Equal(HttpStatusCode.NoContent, response.StatusCode);
        await Eventually.TrueAsync(() => !trainer.IsAlive, "its trainer stops");
        await Eventually.TrueAsync(() => _agents[^1].Output.Contains("refuses this machine", StringComparison.Ordinal), "it is refused");
        Assert.DoesNotContain("box two", await MachinesAsync(), StringComparison.Ordinal);
        // The other one takes nothing new.
        Assert.Equal(RunState.Queued, (await RunAsync()).State);
        await PostAsync("api/machines/box%20one/mode/active");
        await Eventually.TrueAsync(async () => await RunAsync() is { Attempt: 3, Machine: "box one" }, "it takes runs again");
        await MoreStepsAsync();
        await StopAsync();
        await AssertNoStepIsMissingOrDoubledAsync();
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

    public async Task DisposeAsync()
    {
        foreach (var agent in _agents) await agent.DisposeAsync();
        await _dashboard.DisposeAsync();
        foreach (var attempt in await AttemptsAsync())
            if (attempt is { ProcessId: { } id, ProcessStart: { } start }) new ProcessIdentity(id, start).Signal(ProcessIdentity.SigKill);
    }

    public void Dispose()
    {
        _other.Dispose();
        _one.Dispose();
        _root.Dispose();
    }

    private async Task BeginAsync(int epochs)
    {
        await TinyRun.QueueAsync(_root, epochs, small: true);
        _dashboard = await DashboardProcess.StartAsync(_root.Path, "--Dashboard:TrainHere", "false");
        _token = await AgentProcess.TokenAsync(_dashboard.Url);
    }

    private Task<string> KeyAsync() => File.ReadAllTextAsync(_one.In("machine-key.txt"));

    private async Task MoreStepsAsync() => await StepsAsync((await RunAsync()).Step + 10);

    private AgentProcess Start(TemporaryFolder folder, string name, Uri? server = null)
    {
        var agent = AgentProcess.Start(folder.Path, server ?? _dashboard.Url, name, _token);
        _agents.Add(agent);
        return agent;
    }

    private async Task<string> MachinesAsync()
    {
        using var http = new HttpClient();
        return await http.GetStringAsync(new Uri(_dashboard.Url, "api/machines"));
    }

    private async Task PostAsync(string path)
    {
        using var http = new HttpClient();
        using var response = await http.PostAsync(new Uri(_dashboard.Url, path), null);
        Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync());
    }

    private async Task StopAsync()
    {
        await PostAsync($"api/runs/{Run}/stop");
        await EndAsync();
    }

    private async Task<HttpStatusCode> PutAsync(string what, string? secret, string? hash = null, int attempt = 1)
    {
        var content = new ByteArrayContent(Encoding.UTF8.GetBytes("evil"));
        using var request = new HttpRequestMessage(HttpMethod.Put, Address(what, attempt)) { Content = content };
        request.Headers.Add("X-Content-SHA256", hash ?? AttemptToken.Hash("evil"));
        return await SendAsync(request, secret);
    }

    private async Task<HttpStatusCode> GetAsync(string what, string secret)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, Address(what, 1));
        return await SendAsync(request, secret);
    }

    private Uri Address(string what, int attempt) => new(_dashboard.Url, $"api/machines/link/runs/{Run}/attempts/{attempt}/{what}");

    private static async Task<HttpStatusCode> SendAsync(HttpRequestMessage request, string? secret)
    {
        if (secret is not null) request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", secret);
        using var http = new HttpClient();
        using var response = await http.SendAsync(request);
        return response.StatusCode;
    }

    private async Task StepsAsync(int count) => await Eventually.TrueAsync(async () =>
    {
        var run = await RunAsync();
        if (run.State.IsEnded()) throw new InvalidOperationException($"The run ended: {run.Reason}\n{_dashboard.Output}\n{string.Join('\n', _agents.Select(agent => agent.Output))}");
        return run.Step >= count;
    }, $"{count} steps are stored");

    private async Task<ProcessIdentity> TrainerAsync()
    {
        var attempt = await Eventually.NotNullAsync(async () => (await AttemptsAsync())[^1] is { ProcessId: not null } row ? row : null, "the process is recorded");
        return new ProcessIdentity(attempt.ProcessId!.Value, attempt.ProcessStart!.Value);
    }

    private Task<RunRow> EndAsync() =>
        Eventually.NotNullAsync(async () => await RunAsync() is { } run && run.State.IsEnded() ? run : null, "the run has ended");

    private async Task<RunRow> RunAsync()
    {
        await using var db = DashboardProcess.Database(_root.Path);
        return await db.Runs.AsNoTracking().SingleAsync(run => run.Id == Run);
    }

    private async Task<List<AttemptRow>> AttemptsAsync()
    {
        await using var db = DashboardProcess.Database(_root.Path);
        return await db.Attempts.AsNoTracking().Where(row => row.RunId == Run).OrderBy(row => row.Number).ToListAsync();
    }

    private async Task AssertNoStepIsMissingOrDoubledAsync()
    {
        await using var db = DashboardProcess.Database(_root.Path);
        var stored = await db.Steps.Where(row => row.RunId == Run).OrderBy(row => row.Step).Select(row => row.Step).ToListAsync();
        Assert.NotEmpty(stored);
        Assert.Equal(Enumerable.Range(1, stored.Count), stored);
    }
}

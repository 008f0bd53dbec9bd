using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Dashboard.Protocol;
using Dashboard.Storage;
using Training.Core.Runs;
using Training.Tests.Dispatch.Trainers;
using Training.Tests.TestKit;
using Training.Tests.TestProcesses;

namespace Training.Tests.Dispatch.Agent;

/// <summary>
/// A dashboard that doesn't train, and machines that do: all of them real processes. Each test is a class of its own: they run side by
/// side.
/// </summary>
public abstract class AgentStory : IAsyncLifetime, IDisposable
{
    protected const int Run = 1;
    private protected readonly TemporaryFolder _root = new();
    private protected readonly TemporaryFolder _one = new();
    private protected readonly TemporaryFolder _other = new();
    private protected readonly List<AgentProcess> _agents = [];
    private protected DashboardProcess _dashboard = null!;
    private protected string _token = "";

    private protected StoredRun Stored => new(_root.Path, Run);

    private protected RunFolder Folder => new DashboardOptions { DataRoot = _root.Path }.RunFolder(Run);

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        foreach (var agent in _agents) await agent.DisposeAsync();
        await _dashboard.DisposeAsync();
        await Stored.KillTrainersAsync();
    }

    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    protected virtual void Dispose(bool disposing)
    {
        _other.Dispose();
        _one.Dispose();
        _root.Dispose();
    }

    private protected async Task BeginAsync(int epochs)
    {
        await TinyRun.QueueAsync(_root, epochs, small: true);
        _dashboard = await DashboardProcess.StartAsync(_root.Path, "--Dashboard:TrainHere", "false");
        _token = await AgentProcess.TokenAsync(_dashboard.Url);
    }

    private protected Task<string> KeyAsync() => File.ReadAllTextAsync(_one.In("machine-key.txt"));

    private protected async Task MoreStepsAsync() => await StepsAsync((await Stored.GetAsync()).Step + 10);

    private protected AgentProcess Start(TemporaryFolder folder, string name, Uri? server = null)
    {
        var agent = AgentProcess.Start(folder.Path, server ?? _dashboard.Url, name, _token);
        _agents.Add(agent);
        return agent;
    }

    private protected async Task<string> MachinesAsync()
    {
        using var http = new HttpClient();
        return await http.GetStringAsync(new Uri(_dashboard.Url, "api/machines"));
    }

    private protected async Task StopAsync()
    {
        await _dashboard.PostAsync($"api/runs/{Run}/stop");
        await Stored.EndAsync();
    }

    private protected async Task<HttpStatusCode> PutAsync(string what, string? secret, string? hash = null, int attempt = 1)
    {
        var content = new ByteArrayContent(Encoding.UTF8.GetBytes("evil"));
        using var request = new HttpRequestMessage(HttpMethod.Put, Address(what, attempt)) { Content = content };
        request.Headers.Add("X-Content-SHA256", hash ?? AttemptToken.Hash("evil"));
        return await SendAsync(request, secret);
    }

    private protected async Task<HttpStatusCode> GetAsync(string what, string secret)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, Address(what, 1));
        return await SendAsync(request, secret);
    }

    private protected Uri Address(string what, int attempt) =>
        new(_dashboard.Url, $"api/machines/link/runs/{Run}/attempts/{attempt}/{what}");

    private protected static async Task<HttpStatusCode> SendAsync(HttpRequestMessage request, string? secret)
    {
        if (secret is not null) request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", secret);
        using var http = new HttpClient();
        using var response = await http.SendAsync(request);
        return response.StatusCode;
    }

    private protected Task StepsAsync(int count) =>
        Stored.SeeStepsAsync(count, () => $"{_dashboard.Output}\n{string.Join('\n', _agents.Select(agent => agent.Output))}");
}

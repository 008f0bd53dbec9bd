using System.Net.Http.Json;
using System.Text.Json;
using Dashboard;
using Dashboard.Runs;
using Dashboard.Storage;
using Microsoft.EntityFrameworkCore;
using Training.Core.Runs;
using Training.Tests.TestKit;
using Training.Tests.TestProcesses;
using Training.Tests.Trainers;

namespace Training.Tests.Clusters;

/// <summary>A real dashboard that doesn't train itself, a real Slurm, and real trainers in its jobs.</summary>
public abstract class ClusterStory(SlurmCluster slurm) : IAsyncLifetime, IDisposable
{
    protected const string Cluster = "hpc";
    private protected readonly TemporaryFolder _root = new();
    private protected DashboardProcess _dashboard = null!;

    private protected SlurmCluster Slurm => slurm;

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        if (_dashboard is null) return;
        await _dashboard.DisposeAsync();
        await SlurmCluster.AskAsync("scancel", "--me", "--signal=KILL", "--full");
        await SlurmCluster.AskAsync("scancel", "--me");
        await Eventually.TrueAsync(async () => (await SlurmCluster.AskAsync("squeue", "--me", "-h")).Trim().Length == 0, "the cluster is empty again");
    }

    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    protected virtual void Dispose(bool disposing) => _root.Dispose();

    /// <param name="epochs">Of each run.</param>
    private protected async Task BeginAsync(params int[] epochs)
    {
        SlurmCluster.Require();
        foreach (var count in epochs) await TinyRun.QueueAsync(_root, count, small: true);
        _dashboard = await StartAsync("http://127.0.0.1:0");
    }

    /// <summary>The same dashboard again, where its trainers look for it.</summary>
    private protected async Task RestartAsync() => _dashboard = await StartAsync(_dashboard.Url.ToString());

    /// <summary>As an admin does through the API.</summary>
    /// <returns>The status and what was answered.</returns>
    private protected async Task<(int Status, string Text)> SaveAsync(bool tested, Func<Dictionary<string, object>, object>? settings = null)
    {
        var cluster = new Dictionary<string, object> { ["name"] = Cluster, ["server"] = _dashboard.Url.ToString(), ["takesAnyRun"] = true };
        settings?.Invoke(cluster);
        using var http = new HttpClient();
        using var response = await http.PostAsJsonAsync(new Uri(_dashboard.Url, "api/machines/clusters" + (tested ? "" : "?untested=true")), cluster);
        return ((int)response.StatusCode, await response.Content.ReadAsStringAsync());
    }

    private protected async Task PostAsync(int run, string verb)
    {
        using var http = new HttpClient();
        using var response = await http.PostAsync(new Uri(_dashboard.Url, $"api/runs/{run}/{verb}"), null);
        Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync());
    }

    private protected async Task<string> GetAsync(string path)
    {
        using var http = new HttpClient();
        return await http.GetStringAsync(new Uri(_dashboard.Url, path));
    }

    private protected async Task<JsonElement> JobAsync(int run) => JsonDocument.Parse(await GetAsync($"api/runs/{run}")).RootElement.GetProperty("job");

    /// <summary>Waits until Slurm's word for the run's job is this one.</summary>
    private protected Task JobIsAsync(int run, string state, string reason = "") => WaitAsync(
        async () => await JobAsync(run) is { ValueKind: JsonValueKind.Object } job && job.GetProperty("state").GetString() == state && (reason.Length == 0 || job.GetProperty("reason").GetString() == reason),
        $"the job of run {run} is {state} {reason}");

    private protected Task StepsAsync(int run, int count) => WaitAsync(async () =>
    {
        var row = await RunAsync(run);
        if (row.State.IsEnded() && row.State != RunState.Completed) throw new InvalidOperationException($"The run ended: {row.Reason}\n{_dashboard.Output}");
        return row.Step >= count;
    }, $"{count} steps of run {run} are stored");

    private protected Task StateAsync(int run, RunState state) => WaitAsync(async () => (await RunAsync(run)).State == state, $"run {run} is {state}");

    /// <summary>What the dashboard printed tells most when something doesn't come.</summary>
    private protected async Task WaitAsync(Func<Task<bool>> condition, string what)
    {
        try
        {
            await Eventually.TrueAsync(condition, what);
        }
        catch (TimeoutException e)
        {
            throw new TimeoutException($"{e.Message}\n{_dashboard.Output}\n{await SlurmCluster.AskAsync("squeue", "--me", "-t", "all")}", e);
        }
    }

    private protected async Task<RunRow> RunAsync(int run)
    {
        await using var db = DashboardProcess.Database(_root.Path);
        return await db.Runs.AsNoTracking().SingleAsync(row => row.Id == run);
    }

    private protected async Task<List<AttemptRow>> AttemptsAsync(int run)
    {
        await using var db = DashboardProcess.Database(_root.Path);
        return await db.Attempts.AsNoTracking().Where(row => row.RunId == run).OrderBy(row => row.Number).ToListAsync();
    }

    private protected async Task AssertNoStepIsMissingOrDoubledAsync(int run)
    {
        await using var db = DashboardProcess.Database(_root.Path);
        var stored = await db.Steps.Where(row => row.RunId == run).OrderBy(row => row.Step).Select(row => row.Step).ToListAsync();
        Assert.NotEmpty(stored);
        Assert.Equal(Enumerable.Range(1, stored.Count), stored);
    }

    private protected RunFolder Folder(int run) => new DashboardOptions { DataRoot = _root.Path }.RunFolder(run);

    private Task<DashboardProcess> StartAsync(string url) =>
        DashboardProcess.StartAsync(_root.Path, "--Dashboard:TrainHere", "false", "--urls", url, "--Dashboard:Ssh", slurm.Ssh);
}

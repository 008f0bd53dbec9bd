using System.Net.Http.Json;
using System.Text.Json;
using Dashboard.Storage;
using Training.Core.Runs;
using Training.Tests.Dispatch.Trainers;
using Training.Tests.TestKit;
using Training.Tests.TestProcesses;

namespace Training.Tests.Dispatch.Clusters;

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
        await Eventually.TrueAsync(async () => (await SlurmCluster.AskAsync("squeue", "--me", "-h")).Trim().Length == 0,
            "the cluster is empty again");
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
    private protected async Task<(
        int Status, string Text)> SaveAsync(bool tested, Func<Dictionary<string, object>, object>? settings = null)
    {
        var cluster = new Dictionary<string, object> { ["name"] = Cluster, ["server"] = _dashboard.Url.ToString(), ["takesAnyRun"] = true };
        settings?.Invoke(cluster);
        using var http = new HttpClient();
        using var response =
            await http.PostAsJsonAsync(new Uri(_dashboard.Url, "api/machines/clusters" + (tested ? "" : "?untested=true")), cluster);
        return ((int)response.StatusCode, await response.Content.ReadAsStringAsync());
    }

    private protected Task PostAsync(int run, string verb) => _dashboard.PostAsync($"api/runs/{run}/{verb}");

    private protected async Task<string> GetAsync(string path)
    {
        using var http = new HttpClient();
        return await http.GetStringAsync(new Uri(_dashboard.Url, path));
    }

    private protected async Task<JsonElement> JobAsync(int run) =>
        JsonDocument.Parse(await GetAsync($"api/runs/{run}")).RootElement.GetProperty("job");

    /// <summary>Waits until Slurm's word for the run's job is this one.</summary>
    private protected Task JobIsAsync(int run, string state, string reason = "") => WaitAsync(
        async () => await JobAsync(run) is { ValueKind: JsonValueKind.Object } job && job.GetProperty("state").GetString() == state
        && (reason.Length == 0 || job.GetProperty("reason").GetString() == reason),
        $"the job of run {run} is {state} {reason}");

    private protected Task StepsAsync(int run, int count) => TellingAsync(() => Stored(run).SeeStepsAsync(count, () => _dashboard.Output));

    private protected Task StateAsync(int run, RunState state) =>
        WaitAsync(async () => (await Stored(run).GetAsync()).State == state, $"run {run} is {state}");

    /// <summary>What the dashboard printed tells most when something doesn't come.</summary>
    private protected Task WaitAsync(Func<Task<bool>> condition, string what) => TellingAsync(() => Eventually.TrueAsync(condition, what));

    private async Task TellingAsync(Func<Task> waiting)
    {
        try
        {
            await waiting();
        }
        catch (TimeoutException e)
        {
            throw new TimeoutException($"{e.Message}\n{_dashboard.Output}\n{await SlurmCluster.AskAsync("squeue", "--me", "-t", "all")}",
                e);
        }
    }

    private protected StoredRun Stored(int run) => new(_root.Path, run);

    private protected RunFolder Folder(int run) => new DashboardOptions { DataRoot = _root.Path }.RunFolder(run);

    private Task<DashboardProcess> StartAsync(string url) =>
        DashboardProcess.StartAsync(_root.Path, "--Dashboard:TrainHere", "false", "--urls", url, "--Dashboard:Ssh", slurm.Ssh);
}

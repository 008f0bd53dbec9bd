using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text.Json;
using Dashboard.Processes;
using Dashboard.Runs;
using Dashboard.Storage;
using Microsoft.EntityFrameworkCore;
using Training.Core.Runs;

namespace Dashboard.Terminal.Benchmarks;

/// <summary>
/// A dashboard and machines in processes of their own, whose parts are killed and frozen at random (seeded) while they train. Afterwards
/// every step has to be stored once, and every model has to be, byte for byte, that of the same recipe without a fault.
/// </summary>
internal sealed class FaultBenchmark(int runs, int faults, int seed, Action<string> tell) : IDisposable
{
    private const int Machines = 3;
    private const int Recipes = 5;
    private const int SigStop = 19, SigCont = 18;
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("bench-");
    private readonly Random _random = new(seed);
    private readonly Process?[] _agents = new Process?[Machines];
    private readonly List<Task> _mending = [];
    private readonly Dictionary<string, int> _counts = [];
    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(20) };
    private Process? _dashboard;
    private int _resumed;
    private string _token = "";

    private string DataRoot => Path.Combine(_folder.FullName, "dashboard");

    private Uri Server { get; } = new(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{FreePort()}"));

    public static FaultFigures Run(int runs, int faults, int seed, Action<string> tell, CancellationToken cancellationToken)
    {
        using var benchmark = new FaultBenchmark(runs, faults, seed, tell);
        return benchmark.RunAsync(cancellationToken).GetAwaiter().GetResult();
    }

    public void Dispose()
    {
        foreach (var process in _agents.Append(_dashboard).OfType<Process>())
        {
            if (!process.HasExited) process.Kill();
            process.WaitForExit();
            process.Dispose();
        }
        foreach (var trainer in Trainers()) trainer.Signal(ProcessIdentity.SigKill);
        _http.Dispose();
        _folder.Delete(recursive: true);
    }

    private async Task<FaultFigures> RunAsync(CancellationToken cancellationToken)
    {
        var watch = Stopwatch.StartNew();
        await StartDashboardAsync(cancellationToken);
        while (!(await _http.GetStringAsync(new Uri(Server, "api/datasets"), cancellationToken))
            .Contains("\"ready\"", StringComparison.Ordinal)) await Task.Delay(200, cancellationToken);
        _token = (await PostAsync("api/machines/tokens", new { name = "bench" }, cancellationToken)).GetProperty("token").GetString()!;
        for (var i = 0; i < Machines; i++) StartAgent(i);
        tell($"{Recipes} runs without a fault …");
        var expected = await QueueAsync(Recipes, cancellationToken);
        await UntilAllEndAsync(expected, cancellationToken);
        for (var i = 0; i < Machines; i++) await PostAsync($"api/machines/bench-{i + 1}/lease/15", new { }, cancellationToken);
        tell($"{runs} runs with faults …");
        var disturbed = await QueueAsync(runs, cancellationToken);
        var done = 0;
        while (done < faults && !cancellationToken.IsCancellationRequested && await LeftAsync(disturbed, cancellationToken) > 0)
        {
            await Task.Delay(_random.Next(500, 3500), cancellationToken);
            await ResumeAsync(disturbed, cancellationToken);
            var name = Fault(cancellationToken);
            _counts[name] = _counts.GetValueOrDefault(name) + 1;
            if (++done % 10 == 0) tell($"{done} faults, {await LeftAsync(disturbed, cancellationToken)} runs left");
        }
        await Task.WhenAll(_mending);
        await UntilAllEndAsync(disturbed, cancellationToken);
        return await CompareAsync(expected, disturbed, done, watch.Elapsed, cancellationToken);
    }

    /// <summary>One of them; whatever it breaks is started again, or thawed, after a while.</summary>
    private string Fault(CancellationToken cancellationToken)
    {
        var machine = _random.Next(Machines);
        var trainers = Trainers();
        var trainer = trainers.Count > 0 ? trainers[_random.Next(trainers.Count)] : (ProcessIdentity?)null;
        var pause = TimeSpan.FromMilliseconds(_random.Next(0, 6_000));
        switch (_random.Next(6))
        {
            case 0 when trainer is { } victim:
                victim.Signal(ProcessIdentity.SigKill);
                return "trainer killed";
            case 1 when trainer is { } victim:
                victim.Signal(SigStop);
                Mend(async () =>
                {
                    await Task.Delay(pause * 5, cancellationToken);
                    victim.Signal(SigCont);
                });
                return "trainer frozen";
            case 2:
                KillAgent(machine);
                Mend(() => RestartAsync(machine, pause, cancellationToken));
                return "agent killed";
            case 3 when _agents[machine] is { HasExited: false } agent && ProcessIdentity.Of(agent.Id) is { } frozen:
                frozen.Signal(SigStop);
                Mend(async () =>
                {
                    await Task.Delay(pause * 5, cancellationToken);
                    frozen.Signal(SigCont);
                });
                return "agent frozen";
            case 4:
                KillAgent(machine);
                foreach (var victim in Trainers(machine)) victim.Signal(ProcessIdentity.SigKill);
                Mend(() => RestartAsync(machine, pause * 4, cancellationToken));
                return "machine killed";
            default:
                _dashboard!.Kill();
                _dashboard.WaitForExit();
                StartDashboardAsync(cancellationToken).GetAwaiter().GetResult();
                return "dashboard killed";
        }
    }

    private void Mend(Func<Task> mend) => _mending.Add(mend());

    private void KillAgent(int machine)
    {
        if (_agents[machine] is not { HasExited: false } agent) return;
        agent.Kill();
        agent.WaitForExit();
    }

    private async Task RestartAsync(int machine, TimeSpan pause, CancellationToken cancellationToken)
    {
        await Task.Delay(pause, cancellationToken);
        if (_agents[machine] is null or { HasExited: true }) StartAgent(machine);
    }

    private void StartAgent(int machine)
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"bench-{machine + 1}");
        _agents[machine] = Launch(AgentVerb.Name,
            ["--server", Server.ToString(), "--token", _token, "--name", name, "--data-root", Path.Combine(_folder.FullName, name)]);
    }

    private async Task StartDashboardAsync(CancellationToken cancellationToken)
    {
        _dashboard = Launch("serve", ["--urls", Server.ToString(), "--Dashboard:DataRoot", DataRoot, "--Dashboard:TrainHere", "false"]);
        var watch = Stopwatch.StartNew();
        while (true)
        {
            try
            {
                using var response = await _http.GetAsync(new Uri(Server, "health"), cancellationToken);
                if (response.IsSuccessStatusCode) return;
            }
            catch (HttpRequestException) when (watch.Elapsed < Patience)
            {
            }
            await Task.Delay(100, cancellationToken);
        }
    }

    private static Process Launch(string verb, IEnumerable<string> arguments)
    {
        var start = OwnExecutable.Start(verb, arguments);
        start.RedirectStandardOutput = start.RedirectStandardError = true;
        // The same sums on every machine, and steps of milliseconds don't wait for a second thread.
        start.Environment["OMP_NUM_THREADS"] = "1";
        var process = Process.Start(start) ?? throw new InvalidOperationException($"{verb} did not start.");
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return process;
    }

    private async Task<List<int>> QueueAsync(int count, CancellationToken cancellationToken)
    {
        var ids = new List<int>();
        for (var i = 0; i < count; i++)
        {
            var run = await PostAsync("api/runs", new
            {
                dataset = "Shapes (demo)", mode = "fromScratch", backbone = "mobilenet_v3_small", epochs = 10, batchSize = 16,
                    imageSize = 32, precision = "fp32",
                earlyStopPatience = 0, seed = i % Recipes,
            }, cancellationToken);
            ids.Add(run.GetProperty("id").GetInt32());
        }
        return ids;
    }

    private async Task<JsonElement> PostAsync(string path, object body, CancellationToken cancellationToken)
    {
        using var response = await _http.PostAsJsonAsync(new Uri(Server, path), body, cancellationToken);
        response.EnsureSuccessStatusCode();
        return response.StatusCode == HttpStatusCode.NoContent
            ? default : await response.Content.ReadFromJsonAsync<JsonElement>(cancellationToken);
    }

    private async Task UntilAllEndAsync(List<int> ids, CancellationToken cancellationToken)
    {
        while (await LeftAsync(ids, cancellationToken) > 0)
        {
            await Task.Delay(500, cancellationToken);
            await ResumeAsync(ids, cancellationToken);
        }
    }

    /// <summary>
    /// Faults that hit the same run three times before it got any further look like a run that kills its machine: a person would resume it.
    /// </summary>
    private async Task ResumeAsync(List<int> ids, CancellationToken cancellationToken)
    {
        await using var db = Database();
        foreach (var id in await db.Runs.Where(run => ids.Contains(run.Id) && run.State == RunState.Failed
            && run.Deaths >= RunStore.MostDeaths).Select(run => run.Id).ToListAsync(cancellationToken))
        {
            using var response =
                await _http.PostAsync(new Uri(Server, string.Create(CultureInfo.InvariantCulture, $"api/runs/{id}/resume")), null,
                    cancellationToken);
            // Without a checkpoint there is nothing to resume: it stays failed, and is told of.
            if (response.IsSuccessStatusCode) _resumed++;
        }
    }

    /// <summary>Runs that have not completed; one that failed or was given up is told of at the end.</summary>
    private async Task<int> LeftAsync(List<int> ids, CancellationToken cancellationToken)
    {
        await using var db = Database();
        return await db.Runs.CountAsync(run => ids.Contains(run.Id)
            && run.State != RunState.Completed && run.State != RunState.Failed && run.State != RunState.Stopped, cancellationToken);
    }

    private async Task<FaultFigures> CompareAsync(
        List<int> expected, List<int> disturbed, int done, TimeSpan took, CancellationToken cancellationToken)
    {
        await using var db = Database();
        var all = await db.Runs.AsNoTracking().ToDictionaryAsync(run => run.Id, cancellationToken);
        var wrong = new List<string>();
        var completed = 0;
        for (var i = 0; i < disturbed.Count; i++)
        {
            var (run, reference) = (all[disturbed[i]], all[expected[i % Recipes]]);
            if (run.State != RunState.Completed)
            {
                wrong.Add($"run {run.Id} is {run.State}: {run.Reason.Split('\n')[0]}");
                continue;
            }
            completed++;
            var steps = await db.Steps.Where(step => step.RunId == run.Id).OrderBy(step => step.Step)
                .Select(step => new { step.Step, step.Loss }).ToListAsync(cancellationToken);
            var wanted = await db.Steps.Where(step => step.RunId == reference.Id).OrderBy(step => step.Step)
                .Select(step => new { step.Step, step.Loss }).ToListAsync(cancellationToken);
            if (!steps.SequenceEqual(wanted))
                wrong.Add($"run {run.Id}: its {steps.Count} steps differ from the {wanted.Count} of run {reference.Id}");
            if (await HashAsync(Folder(run.Id).BestModel, cancellationToken) != await HashAsync(Folder(reference.Id).BestModel,
                cancellationToken))
                wrong.Add($"run {run.Id}: its model differs from that of run {reference.Id}");
        }
        var attempts = disturbed.Sum(id => all[id].Attempt);
        return new FaultFigures(seed, done, _counts, disturbed.Count, completed, attempts, _resumed, wrong, (int)took.TotalSeconds);
    }

    private static async Task<string> HashAsync(string path, CancellationToken cancellationToken)
    {
        await using var file = File.OpenRead(path);
        return Convert.ToHexStringLower(await SHA256.HashDataAsync(file, cancellationToken));
    }

    private RunFolder Folder(int id) => new DashboardOptions { DataRoot = DataRoot }.RunFolder(id);

    /// <summary>The trainers that live, of one machine or of all.</summary>
    private List<ProcessIdentity> Trainers(int? machine = null)
    {
        if (!File.Exists(new DashboardOptions { DataRoot = DataRoot }.DatabaseFile)) return [];
        var name = machine is { } number ? string.Create(CultureInfo.InvariantCulture, $"bench-{number + 1}") : null;
        using var db = Database();
        return [.. db.Attempts.AsNoTracking().Where(row => row.ProcessId != null && (name == null || row.Machine == name)).AsEnumerable()
            .Select(row => new ProcessIdentity(row.ProcessId!.Value, row.ProcessStart!.Value)).Where(process => process.IsAlive)];
    }

    private SqliteDb Database()
    {
        var options = new DbContextOptionsBuilder<SqliteDb>();
        SqliteDb.Configure(options, new DashboardOptions { DataRoot = DataRoot }.DatabaseFile);
        return new SqliteDb(options.Options);
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}

/// <param name="Kinds">How often each fault was made.</param>
/// <param name="Attempts">Of all runs with faults.</param>
/// <param name="Resumed">Runs that were given up after three deaths without progress, and resumed by hand.</param>
/// <param name="Wrong">Runs that did not end as without faults, in words; empty is what it is all about.</param>
internal sealed record FaultFigures(
    int Seed, int Faults, IReadOnlyDictionary<string, int> Kinds, int Runs, int Completed, int Attempts, int Resumed,
    IReadOnlyList<string> Wrong, int Seconds);

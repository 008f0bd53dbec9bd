using System.Diagnostics;
using Dashboard.Processes;
using Dashboard.Storage;
using Microsoft.EntityFrameworkCore;
using Training.Core.Devices;
using Jemalloc = Training.Core.Devices.Jemalloc;

namespace Training.Tests.TestProcesses;

/// <summary>The dashboard as a process of its own that trains: one that a test can kill.</summary>
public sealed class DashboardProcess : IAsyncDisposable
{
    private const string Listening = "Now listening on: ";
    private const int Sigint = 2;

    private readonly Process _process;
    private readonly string _dataRoot;
    private readonly List<string> _output = [];
    private readonly TaskCompletionSource<Uri> _listening = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private DashboardProcess(string dataRoot, IEnumerable<string> arguments)
    {
        _dataRoot = dataRoot;
        // The last one of a setting counts.
        var start = OwnExecutable.Start("serve",
            ["--urls", "http://127.0.0.1:0", "--Dashboard:DataRoot", dataRoot, "--Dashboard:DemoDataset", "false", .. arguments])
                .WithDefaultSignals();
        // As run.sh starts it, which leaves a trainer's settings out: with them no memory is given back.
        foreach (var name in TensorAllocation.Environment.Keys.Concat(Jemalloc.Environment.Keys)) start.Environment.Remove(name);
        start.RedirectStandardOutput = start.RedirectStandardError = true;
        _process = new Process { StartInfo = start, EnableRaisingEvents = true };
        _process.OutputDataReceived += (_, line) => Hear(line.Data);
        _process.ErrorDataReceived += (_, line) => Hear(line.Data);
        _process.Exited += (_, _) =>
            _listening.TrySetException(new InvalidOperationException("The dashboard ended at its start:\n" + Output));
    }

    public Uri Url { get; private set; } = null!;

    public string Output
    {
        get
        {
            lock (_output) return string.Join('\n', _output);
        }
    }

    /// <param name="figure">Of /proc/*/status, such as VmRSS (now) or VmHWM (the most so far).</param>
    public long MemoryBytes(string figure)
    {
        var line = File.ReadLines($"/proc/{_process.Id}/status").Single(line => line.StartsWith(figure + ":", StringComparison.Ordinal));
        return long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[^2],
            System.Globalization.CultureInfo.InvariantCulture) << 10;
    }

    /// <param name="arguments">Such as "--Dashboard:TrainHere", "false".</param>
    public static Task<DashboardProcess> StartAsync(string dataRoot, params string[] arguments) =>
        StartAsync(dataRoot, new Dictionary<string, string>(), arguments);

    /// <param name="environment">Added to that of the tests.</param>
    public static async Task<DashboardProcess> StartAsync(
        string dataRoot, IReadOnlyDictionary<string, string> environment, params string[] arguments)
    {
        var dashboard = Launch(dataRoot, arguments, environment);
        dashboard.Url = await dashboard._listening.Task.WaitAsync(TimeSpan.FromSeconds(120));
        return dashboard;
    }

    /// <summary>A start that is killed so soon that it may be anywhere in it.</summary>
    public static async Task KillAtStartAsync(string dataRoot, TimeSpan after, params string[] arguments)
    {
        await using var dashboard = Launch(dataRoot, arguments);
        await Task.Delay(after);
        await dashboard.KillAsync();
    }

    /// <summary>A start that ends by itself, with all that it printed.</summary>
    public static Task<(int ExitCode, string Output)> StartInVainAsync(string dataRoot, params string[] arguments) =>
        StartInVainAsync(dataRoot, new Dictionary<string, string>(), arguments);

    /// <inheritdoc cref="StartInVainAsync(string, string[])"/>
    public static async Task<(int ExitCode, string Output)> StartInVainAsync(
        string dataRoot, IReadOnlyDictionary<string, string> environment, params string[] arguments)
    {
        await using var dashboard = Launch(dataRoot, arguments, environment);
        // Also waits for the last line of output.
        await dashboard._process.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(120));
        return (dashboard._process.ExitCode, dashboard.Output);
    }

    /// <summary>Its database, from outside.</summary>
    public static DashboardDb Database(string dataRoot)
    {
        var options = new DbContextOptionsBuilder<SqliteDb>();
        SqliteDb.Configure(options, Path.Combine(dataRoot, "dashboard.db"));
        return new SqliteDb(options.Options);
    }

    public DashboardDb Database() => Database(_dataRoot);

    /// <param name="path">Such as api/runs/1/stop.</param>
    public async Task PostAsync(string path)
    {
        using var http = new HttpClient();
        using var response = await http.PostAsync(new Uri(Url, path), null);
        Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync());
    }

    /// <summary>kill -9.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
    }

    /// <summary>As Ctrl+C does, to this process only.</summary>
    public async Task InterruptAsync()
    {
        ProcessIdentity.Of(_process.Id)?.Signal(Sigint);
        await _process.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(60));
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited) await KillAsync();
        _process.Dispose();
    }

    private static DashboardProcess Launch(
        string dataRoot, IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? environment = null)
    {
        var dashboard = new DashboardProcess(dataRoot, arguments);
        foreach (var (name, value) in environment ?? new Dictionary<string, string>())
            dashboard._process.StartInfo.Environment[name] = value;
        dashboard._process.Start();
        dashboard._process.BeginOutputReadLine();
        dashboard._process.BeginErrorReadLine();
        return dashboard;
    }

    private void Hear(string? line)
    {
        if (line is null) return;
        lock (_output) _output.Add(line);
        if (line.IndexOf(Listening, StringComparison.Ordinal) is var at and >= 0)
            _listening.TrySetResult(new Uri(line[(at + Listening.Length)..].Trim()));
    }
}

using System.Diagnostics;
using System.Text.Json;
using Dashboard.Processes;
using Dashboard.Storage;
using Microsoft.EntityFrameworkCore;
using Training.Core.Devices;
using Jemalloc = Training.Core.Devices.Jemalloc;

namespace Dashboard.Terminal.Benchmarks;

/// <summary>A dashboard in a process and with a data root of its own, which go with it. It doesn't train.</summary>
internal sealed class BenchDashboard : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);

    private readonly BenchFolder _folder;
    private readonly Process _process;

    private BenchDashboard(BenchFolder folder, Process process)
    {
        (_folder, _process) = (folder, process);
        Http = null!;
    }

    public HttpClient Http { get; private set; }

    public Uri Url => Http.BaseAddress!;

    /// <summary>Bytes of memory.</summary>
    public long Memory
    {
        get
        {
            _process.Refresh();
            return _process.WorkingSet64;
        }
    }

    public TimeSpan Busy
    {
        get
        {
            _process.Refresh();
            return _process.TotalProcessorTime;
        }
    }

    /// <param name="fill">Given the data root, before the dashboard begins.</param>
    public static async Task<BenchDashboard> StartAsync(Func<string, Task>? fill, CancellationToken cancellationToken)
    {
        var folder = new BenchFolder();
        if (fill is not null) await fill(folder.Path);
        var start = OwnExecutable.Start("serve",
        [
            "--urls", "http://127.0.0.1:0", "--Dashboard:DataRoot", folder.Path, "--Dashboard:TrainHere", "false",
            "--Logging:LogLevel:Microsoft.EntityFrameworkCore", "Warning",
        ]);
        // As run.sh starts it, which leaves a trainer's settings out.
        foreach (var name in (string[])["DOTNET_gcServer", .. TensorAllocation.Environment.Keys, .. Jemalloc.Environment.Keys])
            start.Environment.Remove(name);
        start.RedirectStandardOutput = true;
        var process = Process.Start(start) ?? throw new InvalidOperationException("The dashboard did not start.");
        var dashboard = new BenchDashboard(folder, process);
        dashboard.Http = new HttpClient { BaseAddress = await ListeningAsync(process).WaitAsync(Patience, cancellationToken) };
        while (!(await dashboard.Http.GetStringAsync(new Uri("api/datasets", UriKind.Relative), cancellationToken))
            .Contains("\"ready\"", StringComparison.Ordinal))
            await Task.Delay(100, cancellationToken);
        return dashboard;
    }

    public async Task<JsonElement> PostAsync(string path, object body, CancellationToken cancellationToken)
    {
        using var response = await Http.PostAsJsonAsync(path, body, cancellationToken);
        return await response.EnsureSuccessStatusCode().Content.ReadFromJsonAsync<JsonElement>(cancellationToken);
    }

    /// <summary>The dashboard's database, from outside.</summary>
    public DashboardDb Database() => Database(_folder.Path);

    public static DashboardDb Database(string dataRoot)
    {
        var options = new DbContextOptionsBuilder<SqliteDb>();
        SqliteDb.Configure(options, Path.Combine(dataRoot, "dashboard.db"));
        return new SqliteDb(options.Options);
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited) _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
        Http.Dispose();
        _folder.Dispose();
    }

    private static async Task<Uri> ListeningAsync(Process dashboard)
    {
        const string words = "Now listening on: ";
        while (await dashboard.StandardOutput.ReadLineAsync() is { } line)
        {
            if (line.IndexOf(words, StringComparison.Ordinal) is not (var at and >= 0)) continue;
            // The rest has to be read too, or the dashboard waits for it.
            _ = dashboard.StandardOutput.ReadToEndAsync();
            return new Uri(line[(at + words.Length)..].Trim());
        }
        throw new InvalidOperationException("The dashboard ended at its start.");
    }
}

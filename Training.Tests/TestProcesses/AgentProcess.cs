using System.Diagnostics;
using System.Net.Http.Json;
using System.Text.Json;
using Dashboard.Processes;

namespace Training.Tests.TestProcesses;

/// <summary>A machine that trains for a dashboard elsewhere, as a process of its own with a folder of its own.</summary>
internal sealed class AgentProcess : IAsyncDisposable
{
    private const int Sigstop = 19;
    private const int Sigcont = 18;

    private readonly Process _process;
    private readonly List<string> _output = [];

    private AgentProcess(string dataRoot, IEnumerable<string> arguments)
    {
        var start = OwnExecutable.Start("agent", ["--data-root", dataRoot, .. arguments]);
        start.RedirectStandardOutput = start.RedirectStandardError = true;
        _process = new Process { StartInfo = start };
        _process.OutputDataReceived += (_, line) => Hear(line.Data);
        _process.ErrorDataReceived += (_, line) => Hear(line.Data);
    }

    public string Output
    {
        get
        {
            lock (_output) return string.Join('\n', _output);
        }
    }

    public bool HasExited => _process.HasExited;

    public static AgentProcess Start(string dataRoot, Uri server, string name, string? token)
    {
        var agent = new AgentProcess(dataRoot,
            ["--server", server.ToString(), "--name", name, .. token is null ? Array.Empty<string>() : ["--token", token]]);
        agent._process.Start();
        agent._process.BeginOutputReadLine();
        agent._process.BeginErrorReadLine();
        return agent;
    }

    /// <summary>A token that lets machines join.</summary>
    public static async Task<string> TokenAsync(Uri server, string name = "test")
    {
        using var http = new HttpClient();
        using var response = await http.PostAsJsonAsync(new Uri(server, "api/machines/tokens"), new { name });
        return (await response.EnsureSuccessStatusCode().Content.ReadFromJsonAsync<JsonElement>()).GetProperty("token").GetString()!;
    }

    public async Task<int> ExitAsync()
    {
        await _process.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(60));
        return _process.ExitCode;
    }

    /// <summary>As if the machine slept.</summary>
    public void Freeze() => Signal(Sigstop);

    public void Thaw() => Signal(Sigcont);

    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited) await KillAsync();
        _process.Dispose();
    }

    public static void Freeze(ProcessIdentity process) => process.Signal(Sigstop);

    public static void Thaw(ProcessIdentity process) => process.Signal(Sigcont);

    private void Signal(int signal) => ProcessIdentity.Of(_process.Id)?.Signal(signal);

    private void Hear(string? line)
    {
        if (line is null) return;
        lock (_output) _output.Add(line);
    }
}

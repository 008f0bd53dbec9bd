using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Training.Tests.TestKit;

namespace Training.Tests.Peers;

/// <summary>
/// A real Redis server on a free port of this computer, over a folder of its own, that a test can end and start again. Needs only the
/// program: <c>apt-get install redis-tools</c>.
/// </summary>
public sealed class RedisServer : IAsyncLifetime, IDisposable
{
    /// <summary>
    /// Debian has one file for server and tools, which looks by what name it was started; redis-tools holds it and starts no service.
    /// </summary>
    private static readonly string? Program = new[] { "/usr/bin/redis-server", "/usr/local/bin/redis-server", "/usr/bin/redis-check-rdb" }
        .FirstOrDefault(File.Exists);

    private readonly TemporaryFolder _folder = new();
    private readonly int _port = FreePort();
    private Process? _process;

    /// <summary>For the setting Dashboard:Redis.</summary>
    public string Connection
    {
        get
        {
            Skip.If(Program is null, "There is no Redis on this machine: apt-get install redis-tools");
            return string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{_port}");
        }
    }

    public Task InitializeAsync() => Program is null ? Task.CompletedTask : StartAsync();

    public async Task StartAsync()
    {
        var program = _folder.In("redis-server");
        if (!File.Exists(program)) File.CreateSymbolicLink(program, Program!);
        string[] arguments =
        [
            "--port", _port.ToString(CultureInfo.InvariantCulture), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir",
                _folder.Path,
            "--logfile", _folder.In("redis.log"),
        ];
        _process = Process.Start(new ProcessStartInfo(program, arguments) { WorkingDirectory = _folder.Path })!;
        await Eventually.TrueAsync(AnswersAsync, "Redis listens");
    }

    /// <summary>kill -9.</summary>
    public async Task KillAsync()
    {
        if (_process is null) return;
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
        _process = null;
    }

    public Task DisposeAsync() => KillAsync();

    public void Dispose()
    {
        _process?.Dispose();
        _folder.Dispose();
    }

    private async Task<bool> AnswersAsync()
    {
        using var client = new TcpClient();
        try
        {
            await client.ConnectAsync(IPAddress.Loopback, _port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}

using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Npgsql;
using Training.Tests.TestKit;

namespace Training.Tests.Storage;

/// <summary>
/// A real PostgreSQL server on a free port of this computer, over a folder of its own, for all tests of the collection
/// <see cref="Name"/>. Needs only the programs: <c>apt-get install postgresql</c>.
/// </summary>
[CollectionDefinition(Name)]
[System.Diagnostics.CodeAnalysis.SuppressMessage("Reliability", "CA1001", Justification = "IAsyncLifetime disposes them.")]
public sealed class PostgresServer : ICollectionFixture<PostgresServer>, IAsyncLifetime
{
    public const string Name = "PostgreSQL";

    private const string Programs = "/usr/lib/postgresql";
    private readonly TemporaryFolder _folder = new();
    private readonly string? _bin = Directory.Exists(Programs)
        ? Directory.GetDirectories(Programs).Select(version => Path.Combine(version, "bin"))
            .Where(bin => File.Exists(Path.Combine(bin, "initdb"))).Max()
        : null;
    private readonly int _port = FreePort();
    private int _databases;

    private string Data => _folder.In("data");

    /// <summary>Connection string of a new, empty database.</summary>
    public async Task<string> NewDatabaseAsync()
    {
        Skip.If(_bin is null, "There is no PostgreSQL on this machine: apt-get install postgresql");
        var name = string.Create(CultureInfo.InvariantCulture, $"dashboard{Interlocked.Increment(ref _databases)}");
        await using var connection = new NpgsqlConnection(Connection("postgres"));
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = $"CREATE DATABASE {name}";
        await command.ExecuteNonQueryAsync();
        return Connection(name);
    }

    /// <summary>Goes away as when it is restarted: connections break, and nobody listens.</summary>
    public async Task StopAsync()
    {
        Skip.If(_bin is null, "There is no PostgreSQL on this machine: apt-get install postgresql");
        await RunAsServerAsync("pg_ctl", "-D", Data, "-m", "fast", "-w", "stop");
    }

    /// <summary>No pipe to the server: this would wait for its end.</summary>
    public Task StartAsync() => RunAsServerAsync("pg_ctl", "-D", Data, "-l", _folder.In("log"), "-w", "-o",
        string.Create(CultureInfo.InvariantCulture, $"-p {_port} -k '' -c listen_addresses=127.0.0.1 -c fsync=off -c max_connections=200"),
            "start");

    public async Task InitializeAsync()
    {
        if (_bin is null) return;
        // It refuses to run as root, and reads nothing but its own folder.
        if (Environment.IsPrivilegedProcess) await RunAsync("chown", "postgres", _folder.Path);
        await RunAsServerAsync("initdb", "-D", Data, "-U", "tests", "--auth=trust", "--encoding=UTF8", "--no-sync");
        await StartAsync();
    }

    public async Task DisposeAsync()
    {
        NpgsqlConnection.ClearAllPools();
        if (_bin is not null) await RunAsServerAsync("pg_ctl", "-D", Data, "-m", "immediate", "-w", "stop");
        _folder.Dispose();
    }

    private string Connection(string database) => string.Create(CultureInfo.InvariantCulture,
        $"Host=127.0.0.1;Port={_port};Database={database};Username=tests;Pooling=true;Maximum Pool Size=20");

    private Task RunAsServerAsync(string program, params string[] arguments)
    {
        var path = Path.Combine(_bin!, program);
        return Environment.IsPrivilegedProcess
            ? RunAsync("runuser", ["-u", "postgres", "--", path, .. arguments])
            : RunAsync(path, arguments);
    }

    private async Task RunAsync(string program, params string[] arguments)
    {
        // To a file: the server keeps what it is given, and a pipe would stay open as long as it.
        var output = Path.Combine(_folder.Path, "..", Path.GetFileName(_folder.Path) + ".out");
        string[] shell = ["-c", "out=$1; shift; exec \"$@\" >\"$out\" 2>&1 </dev/null", "sh", output, program, .. arguments];
        using var process = Process.Start(new ProcessStartInfo("/bin/sh", shell) { WorkingDirectory = "/" })!;
        await process.WaitForExitAsync();
        var said = await File.ReadAllTextAsync(output);
        File.Delete(output);
        if (process.ExitCode != 0)
            throw new InvalidOperationException($"{program} {string.Join(' ', arguments)} ended with {process.ExitCode}: {said}");
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}

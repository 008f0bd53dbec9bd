using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using Dashboard.Processes;
using Training.Tests.TestKit;

namespace Training.Tests.Dispatch.Clusters;

/// <summary>
/// A real Slurm on this computer, as the user who runs the tests: munged, a controller and two nodes of one processor each, over a folder
/// of its own. Needs only the programs: <c>apt-get install slurm-wlm munge</c>. Its tests run one after the other.
/// </summary>
[CollectionDefinition(Name)]
[System.Diagnostics.CodeAnalysis.SuppressMessage("Reliability", "CA1001", Justification = "IAsyncLifetime disposes them.")]
public sealed class SlurmCluster : ICollectionFixture<SlurmCluster>, IAsyncLifetime
{
    public const string Name = "Slurm";

    private static readonly string[] Needed = ["/usr/sbin/munged", "/usr/sbin/slurmctld", "/usr/sbin/slurmd", "/usr/bin/sbatch"];
    private readonly TemporaryFolder _folder = new();
    private readonly Dictionary<string, ProcessIdentity> _nodes = [];
    private ProcessIdentity? _munged;
    private ProcessIdentity? _controller;

    /// <summary>Skips the test where there is no Slurm.</summary>
    public static void Require() =>
        Skip.IfNot(Needed.All(File.Exists), "There is no Slurm on this machine: apt-get install slurm-wlm munge");

    /// <summary>A script to be called as ssh: it runs its command here, by a shell, as a login there does.</summary>
    public string Ssh => _folder.In("ssh");

    /// <summary>Folders of the nodes' own; a test's data root is better elsewhere.</summary>
    public string Logs => _folder.Path;

    public async Task InitializeAsync()
    {
        if (!Needed.All(File.Exists)) return;
        foreach (var folder in (string[])["munge", "state", "n1", "n2"])
            Allow(Directory.CreateDirectory(_folder.In(folder)).FullName, write: true, execute: true);
        await WriteAsync();
        // Only what the tests start reads it: the dashboard in its own process, and the clients.
        Environment.SetEnvironmentVariable("SLURM_CONF", _folder.In("slurm.conf"));
        await RunAsync("/usr/sbin/munged", "--key-file=" + _folder.In("munge", "key"), "--socket=" + Socket,
            "--pid-file=" + _folder.In("munge", "pid"),
            "--log-file=" + _folder.In("munge", "log"), "--seed-file=" + _folder.In("munge", "seed"), "--force");
        _munged = await IdentityAsync(_folder.In("munge", "pid"));
        await StartControllerAsync();
        await StartNodeAsync("n1");
        await StartNodeAsync("n2");
    }

    public async Task DisposeAsync()
    {
        if (_munged is null) return;
        await RunAsync("scancel", "--me");
        foreach (var process in (ProcessIdentity?[])[.. _nodes.Values.Select(node => (ProcessIdentity?)node), _controller, _munged])
            process?.Signal(ProcessIdentity.SigKill);
        Environment.SetEnvironmentVariable("SLURM_CONF", null);
        // Their last writes may come while it is deleted.
        await Eventually.TrueAsync(() => ((ProcessIdentity?[])[_controller, _munged]).All(process => process is not { IsAlive: true }),
            "the cluster is gone");
        _folder.Dispose();
    }

    public async Task StartControllerAsync()
    {
        File.Delete(_folder.In("slurmctld.pid"));
        await RunAsync("/usr/sbin/slurmctld");
        _controller = await IdentityAsync(_folder.In("slurmctld.pid"));
        await Eventually.TrueAsync(async () => (await TryAsync("scontrol", "ping")).Output.Contains("is UP", StringComparison.Ordinal),
            "the controller answers");
    }

    public async Task StopControllerAsync()
    {
        _controller?.Signal(ProcessIdentity.SigTerm);
        await Eventually.TrueAsync(() => _controller is not { IsAlive: true }, "the controller is gone");
    }

    public async Task StartNodeAsync(string node)
    {
        File.Delete(_folder.In($"slurmd-{node}.pid"));
        await RunAsync("/usr/sbin/slurmd", "-N", node);
        _nodes[node] = await IdentityAsync(_folder.In($"slurmd-{node}.pid"));
        await Eventually.TrueAsync(async () =>
            (await AskAsync("sinfo", "-h", "-n", node, "-o", "%T")).Trim() is "idle" or "mixed" or "allocated", $"{node} is there");
    }

    /// <summary>kill -9 of its daemon and of every process of its jobs, as when its power fails.</summary>
    public void KillNode(string node)
    {
        _nodes[node].Signal(ProcessIdentity.SigKill);
        var ofJobs = Process.GetProcesses().Select(process => process.Id).Where(id => IsOf(node, id)).ToList();
        // First those that would tell the controller how a job ended.
        foreach (var process in ofJobs.Select(Parent)
            .Where(id => (ProcessIdentity.Arguments(id).FirstOrDefault() ?? "").StartsWith("slurmstepd", StringComparison.Ordinal))
                .Distinct().ToList()) Kill(process);
        ofJobs.ForEach(Kill);

        static void Kill(int id) => ProcessIdentity.Of(id)?.Signal(ProcessIdentity.SigKill);
    }

    /// <summary>What a program of Slurm prints.</summary>
    public static async Task<string> AskAsync(string program, params string[] arguments)
    {
        var (exitCode, output) = await TryAsync(program, arguments);
        return exitCode == 0
            ? output : throw new InvalidOperationException($"{program} {string.Join(' ', arguments)} ended with {exitCode}: {output}");
    }

    private string Socket => _folder.In("munge", "socket");

    private static int Parent(int process)
    {
        try
        {
            var line = File.ReadAllText($"/proc/{process.ToString(CultureInfo.InvariantCulture)}/stat");
            return int.Parse(line[(line.LastIndexOf(')') + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries)[1],
                CultureInfo.InvariantCulture);
        }
        catch (IOException)
        {
            return 1;
        }
    }

    /// <summary>Processes of a job carry its node in their environment.</summary>
    private static bool IsOf(string node, int process)
    {
        try
        {
            return File.ReadAllText($"/proc/{process.ToString(CultureInfo.InvariantCulture)}/environ").Split('\0')
                .Contains($"SLURMD_NODENAME={node}");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private async Task WriteAsync()
    {
        var (user, host, ports) = (Environment.UserName, Dns.GetHostName().Split('.')[0], FreePorts(3));
        await File.WriteAllBytesAsync(_folder.In("munge", "key"), RandomNumberGenerator.GetBytes(1024));
        Allow(_folder.In("munge", "key"));
        await File.WriteAllTextAsync(Ssh,
            "#!/bin/sh\n# ssh -o … -o … -- HOST COMMAND\nwhile [ \"$1\" != -- ]; do shift; done\necho \"$2\" >>" + _folder.In("ssh.log")
            + "\nexec sh -c \"$3\"\n");
        Allow(Ssh, execute: true);
        // Fast: a node counts as lost after six seconds of silence, and what is put back may start at once, not after two minutes (with
        // less than six seconds Slurm takes its default).
        await File.WriteAllTextAsync(_folder.In("slurm.conf"), $"""
            ClusterName=tests
            SlurmctldHost={host}(127.0.0.1)
            SlurmUser={user}
            SlurmdUser={user}
            AuthType=auth/munge
            AuthInfo=socket={Socket},cred_expire=6
            CredType=cred/munge
            StateSaveLocation={_folder.In("state")}
            SlurmdSpoolDir={_folder.In("%n")}
            SlurmctldPort={ports[0]}
            SlurmctldPidFile={_folder.In("slurmctld.pid")}
            SlurmctldLogFile={_folder.In("slurmctld.log")}
            SlurmdPidFile={_folder.In("slurmd-%n.pid")}
            SlurmdLogFile={_folder.In("slurmd-%n.log")}
            ProctrackType=proctrack/linuxproc
            TaskPlugin=task/none
            MpiDefault=none
            JobAcctGatherType=jobacct_gather/none
            AccountingStorageType=accounting_storage/none
            SelectType=select/cons_tres
            SelectTypeParameters=CR_Core
            SlurmdTimeout=6
            MessageTimeout=5
            KillWait=5
            ReturnToService=2
            MailProg=/bin/true
            SchedulerParameters=sched_interval=1,sched_min_interval=0,bf_interval=1
            NodeName=n1 NodeHostname={host} NodeAddr=127.0.0.1 Port={ports[1]} CPUs=1 RealMemory=1000
            NodeName=n2 NodeHostname={host} NodeAddr=127.0.0.1 Port={ports[2]} CPUs=1 RealMemory=1000
            PartitionName=main Nodes=n1,n2 Default=YES MaxTime=60 State=UP
            PartitionName=one Nodes=n2 MaxTime=60 State=UP

            """);
    }

    /// <summary>To its owner only: munge and Slurm refuse what others can write.</summary>
    private static void Allow(string path, bool write = false, bool execute = false)
    {
        if (OperatingSystem.IsWindows()) return;
        File.SetUnixFileMode(path, UnixFileMode.UserRead | (write ? UnixFileMode.UserWrite : 0) | (execute ? UnixFileMode.UserExecute : 0));
    }

    private static async Task<ProcessIdentity> IdentityAsync(string pidFile)
    {
        var identity = await Eventually.NotNullAsync(async () =>
            File.Exists(pidFile) && int.TryParse((await File.ReadAllTextAsync(pidFile)).Trim(), CultureInfo.InvariantCulture, out var id)
            && ProcessIdentity.Of(id) is { } found
                ? (object)found
                : null, $"{pidFile} names a process");
        return (ProcessIdentity)identity;
    }

    private static async Task RunAsync(string program, params string[] arguments)
    {
        var (exitCode, output) = await TryAsync(program, arguments);
        if (exitCode != 0) throw new InvalidOperationException($"{program} ended with {exitCode}: {output}");
    }

    /// <summary>Without pipes to what stays behind: this would wait for its end.</summary>
    private static async Task<(int ExitCode, string Output)> TryAsync(string program, params string[] arguments)
    {
        var output = Path.GetTempFileName();
        string[] shell = ["-c", "out=$1; shift; exec \"$@\" >\"$out\" 2>&1 </dev/null", "sh", output, program, .. arguments];
        using var process = Process.Start(new ProcessStartInfo("/bin/sh", shell))!;
        await process.WaitForExitAsync();
        var said = await File.ReadAllTextAsync(output);
        File.Delete(output);
        return (process.ExitCode, said);
    }

    private static List<int> FreePorts(int count)
    {
        List<TcpListener> listeners = [.. Enumerable.Range(0, count).Select(_ => new TcpListener(IPAddress.Loopback, 0))];
        foreach (var listener in listeners) listener.Start();
        var ports = listeners.ConvertAll(listener => ((IPEndPoint)listener.LocalEndpoint).Port);
        foreach (var listener in listeners) listener.Dispose();
        return ports;
    }
}

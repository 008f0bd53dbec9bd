using System.Collections.Concurrent;
using Dashboard.Processes;
using Dashboard.Protocol;
using Dashboard.Storage;
using Microsoft.Extensions.Options;
using Training.Core.Runs;

namespace Dashboard.Machines.Devices;

/// <summary>This machine: its name, the devices that it trains on, and which run has which device.</summary>
public sealed class LocalMachine
{
    public const string Cpu = "cpu";
    internal const string NameFile = "machine.txt";

    private readonly ConcurrentDictionary<string, AttemptId> _occupied = new();
    private readonly string _dataRoot;
    private readonly string _libtorch;
    private readonly string? _given;
    private readonly Lazy<string> _name;

    public LocalMachine(IOptions<DashboardOptions> options)
    {
        ArgumentNullException.ThrowIfNull(options);
        (_dataRoot, _libtorch) = (options.Value.DataRoot, options.Value.LibtorchFolder);
        // Several dashboards share a data root, and each is a machine of its own.
        _given = options.Value.IsOneOfSeveral || options.Value.Name.Length > 0 ? options.Value.PeerName : null;
        _name = new Lazy<string>(ReadName);
    }

    /// <summary>Kept in the data root: a container gets a new host name at every start, and would not find its runs again.</summary>
    public string Name => _name.Value;

    /// <summary>What trains here, as recipes and trainers name it: every GPU, or the CPU.</summary>
    public IReadOnlyList<string> Devices { get; private set; } = [Cpu];

    /// <summary>Null when every device trains.</summary>
    public string? FreeDevice => Devices.FirstOrDefault(device => !_occupied.ContainsKey(device));

    /// <summary>How many devices train.</summary>
    public int Busy => _occupied.Count;

    /// <summary>The run that trains on a device now.</summary>
    public int? RunOn(string device) => _occupied.TryGetValue(device, out var attempt) ? attempt.RunId : null;

    /// <summary>
    /// Whether one of its devices has the attempt: not a former one of the same run, whose trainer may take its time to go.
    /// </summary>
    public bool Trains(AttemptId attempt) => _occupied.Values.Contains(attempt);

    /// <summary>Whether one of its devices has any attempt of the run.</summary>
    public bool TrainsRun(int runId) => _occupied.Values.Any(attempt => attempt.RunId == runId);

    public void Occupy(string device, AttemptId attempt) => _occupied[device] = attempt;

    public void Release(string device, AttemptId attempt) => _occupied.TryRemove(new(device, attempt));

    /// <summary>Looks which devices there are; GPUs count only if the libtorch that trainers load can use them.</summary>
    /// <exception cref="NvidiaSmiException">They can't be asked for; until they can, nothing changes.</exception>
    public async Task FindDevicesAsync(CancellationToken cancellationToken)
    {
        var canUseGpus = _libtorch.Length > 0 ? new LibtorchFolder(_libtorch).HasCuda : CudaLibrary.IsPresent;
        if (!canUseGpus || Devices[0] != Cpu) return;
        var gpus = await NvidiaSmi.OfThisMachine.QueryAsync(cancellationToken);
        if (gpus.Count > 0) Devices = [.. gpus.Select(gpu => gpu.Id)];
    }

    private string ReadName()
    {
        if (_given is not null) return _given;
        var path = Path.Combine(_dataRoot, NameFile);
        if (File.Exists(path) && File.ReadAllText(path).Trim() is { Length: > 0 } name) return name;
        AtomicFile.WriteText(path, Environment.MachineName);
        return Environment.MachineName;
    }
}

/// <summary>Whether this build carries a libtorch that can use NVIDIA GPUs; found out without loading it.</summary>
internal static class CudaLibrary
{
    private const string FileName = "libtorch_cuda.so";

    public static bool IsPresent { get; } =
        File.Exists(Path.Combine(AppContext.BaseDirectory, FileName))
        || File.Exists(Path.Combine(AppContext.BaseDirectory, "runtimes", "linux-x64", "native", FileName));
}

using System.Text.Json;
using Dashboard.Storage;
using Microsoft.Extensions.Options;
using Training.Core.Recipes;
using Training.Core.Runs;

namespace Dashboard.Machines.Devices;

/// <summary>How fast machines train, from a short measurement on each: what the form's estimate starts from. Thread-safe.</summary>
public sealed class MachineSpeeds(LocalMachine machine, IOptions<DashboardOptions> options)
{
    private const string FileName = "speeds.json";
    private readonly Lock _lock = new();
    private Dictionary<string, MeasuredSpeed>? _speeds;

    /// <param name="machine">A machine's name; "any" stands for this machine.</param>
    /// <returns>Null when it was never measured (yet).</returns>
    public MachineSpeed? Get(string machine) => Find(machine)?.Speed;

    /// <summary>The same with when and how it was measured.</summary>
    public MeasuredSpeed? Measured(string machine) => Find(machine);

    /// <summary>
    /// Whether there is a measurement of just this processor and this version of the program, taken while nothing else ran.
    /// </summary>
    internal bool IsKnown(string name, string processor, string version) =>
        Find(name) is { UnderLoad: false } known && known.Processor == processor && known.Version == version;

    internal void Set(string name, MeasuredSpeed measured)
    {
        lock (_lock)
        {
            // Read again: another dashboard over the same data root may have measured its own machine.
            var speeds = new Dictionary<string, MeasuredSpeed>(Load()) { [name] = measured };
            AtomicFile.Write(File, stream => JsonSerializer.Serialize(stream, speeds, CoreJson.Indented));
            _speeds = speeds;
        }
    }

    private string File => Path.Combine(options.Value.CacheFolder, FileName);

    private Dictionary<string, MeasuredSpeed> Speeds => _speeds ??= Load();

    private MeasuredSpeed? Find(string name)
    {
        lock (_lock) return Speeds.GetValueOrDefault(name == Recipe.AnyMachine ? machine.Name : name);
    }

    /// <summary>A cache that can't be read is measured again.</summary>
    private Dictionary<string, MeasuredSpeed> Load()
    {
        try
        {
            return JsonSerializer.Deserialize<Dictionary<string, MeasuredSpeed>>(System.IO.File.ReadAllText(File), CoreJson.Options) ?? [];
        }
        catch (Exception e) when (e is IOException or JsonException or UnauthorizedAccessException)
        {
            return [];
        }
    }
}

/// <param name="Processor">What it was measured on.</param>
/// <param name="Version">Of the program that measured.</param>
/// <param name="UnderLoad">Something else kept the processor busy: better than no figure, and measured again when the machine is
/// idle.</param>
public sealed record MeasuredSpeed(MachineSpeed Speed, string Processor, string Version, DateTimeOffset At, bool UnderLoad = false);

using System.Diagnostics;
using System.Globalization;
using Dashboard.Processes;

namespace Dashboard.Machines.Devices;

/// <summary>Asks NVIDIA's own tool about the GPUs of this machine. Thread-safe.</summary>
/// <param name="tool">Its path; null where it isn't installed.</param>
/// <param name="patience">A driver in trouble can keep the tool hanging.</param>
internal sealed class NvidiaSmi(string? tool, TimeSpan patience)
{
    /// <summary>What fails when the tool does, for people.</summary>
    public const string Part = "Asking for the GPUs of this machine (nvidia-smi)";

    private static readonly string[] Arguments =
        ["--query-gpu=index,name,utilization.gpu,memory.used,memory.total", "--format=csv,noheader,nounits"];

    /// <summary>One that could not even be killed: it hangs in the driver, and so would each further one.</summary>
    private ProcessIdentity? _stuck;

    public static NvidiaSmi OfThisMachine { get; } = new(Find("nvidia-smi"), TimeSpan.FromSeconds(5));

    /// <summary>Empty when there is no tool, or it knows of no GPU.</summary>
    /// <exception cref="NvidiaSmiException">It can't be started, doesn't answer, or fails; the message says how.</exception>
    public async Task<IReadOnlyList<Gpu>> QueryAsync(CancellationToken cancellationToken)
    {
        if (tool is null) return [];
        if (_stuck is { IsAlive: true } stuck)
            throw new NvidiaSmiException(MachineWords.ToolHangs(tool, stuck.Id));
        _stuck = null;
        using var process = Start(tool);
        using var patient = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patient.CancelAfter(patience);
        try
        {
            var output = process.StandardOutput.ReadToEndAsync(patient.Token);
            var errors = process.StandardError.ReadToEndAsync(patient.Token);
            await Task.WhenAll(output, errors);
            await process.WaitForExitAsync(patient.Token);
            // What it says of a machine without GPUs is no failure.
            return process.ExitCode is 0 or NoGpus ? Parse(await output)
                : throw new NvidiaSmiException(
                    MachineWords.ToolFailed(tool, process.ExitCode, Short($"{await errors} {await output}".Trim())));
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new NvidiaSmiException(MachineWords.ToolSilent(tool, patience));
        }
        finally
        {
            End(process);
        }
    }

    /// <summary>"No devices were found".</summary>
    private const int NoGpus = 6;

    private static string? Find(string name) => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
        .Where(folder => folder.Length > 0).Select(folder => Path.Combine(folder, name)).FirstOrDefault(File.Exists);

    private static Process Start(string tool)
    {
        try
        {
            return Process.Start(new ProcessStartInfo(tool, Arguments) { RedirectStandardOutput = true, RedirectStandardError = true })
                ?? throw new NvidiaSmiException(MachineWords.ToolNotStarted(tool));
        }
        catch (System.ComponentModel.Win32Exception e)
        {
            throw new NvidiaSmiException(MachineWords.ToolNotStarted(tool, e.Message), e);
        }
    }

    /// <summary>Whatever the way out, none stays behind; those that it started itself go too.</summary>
    private void End(Process process)
    {
        if (process.HasExited) return;
        var identity = ProcessIdentity.Of(process.Id);
        process.Kill(entireProcessTree: true);
        _stuck = identity;
    }

    private static string Short(string text) => text.Length <= 300 ? text : text[..300] + " …";

    /// <summary>
    /// One GPU a line; a value that the GPU doesn't tell ("[N/A]", "[Not Supported]") becomes null, a line that is none is left out.
    /// </summary>
    internal static IReadOnlyList<Gpu> Parse(string csv)
    {
        List<Gpu> gpus = [];
        foreach (var line in csv.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            var fields = line.Split(',', StringSplitOptions.TrimEntries);
            if (fields.Length < 5 || !int.TryParse(fields[0], CultureInfo.InvariantCulture, out var index)) continue;
            // Should a name ever hold a comma, the last three fields still are the numbers.
            gpus.Add(new Gpu(index, string.Join(", ", fields[1..^3]), Number(fields[^3]) / 100, Bytes(fields[^2]), Bytes(fields[^1])));
        }
        return gpus;
    }

    private static double? Number(string text) => double.TryParse(text, CultureInfo.InvariantCulture, out var number) ? number : null;

    private static long? Bytes(string mebibytes) => Number(mebibytes) is { } number ? (long)(number * (1 << 20)) : null;
}

/// <param name="Load">0–1; null when the GPU doesn't tell.</param>
/// <param name="MemoryUsed">Bytes.</param>
internal sealed record Gpu(int Index, string Name, double? Load, long? MemoryUsed, long? MemoryTotal)
{
    public string Id => string.Create(CultureInfo.InvariantCulture, $"cuda:{Index}");
}

/// <summary>The GPUs of this machine can't be asked for; the message says why.</summary>
internal sealed class NvidiaSmiException(string message, Exception? inner = null) : RefusalException(message, inner);

using System.Diagnostics;
using System.Globalization;

namespace Dashboard.Devices;

/// <summary>Asks NVIDIA's own tool about the GPUs of this machine.</summary>
internal static class NvidiaSmi
{
    private const string Tool = "nvidia-smi";
    private static readonly string[] Arguments =
        ["--query-gpu=index,name,utilization.gpu,memory.used,memory.total", "--format=csv,noheader,nounits"];

    /// <summary>A driver in trouble can keep the tool hanging.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private static readonly Lazy<bool> Installed = new(() =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
            .Any(folder => folder.Length > 0 && File.Exists(Path.Combine(folder, Tool))));

    /// <summary>Empty when there is no GPU, no driver, or no answer.</summary>
    public static async Task<IReadOnlyList<Gpu>> QueryAsync(CancellationToken stop)
    {
        if (!Installed.Value) return [];
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(stop);
        patience.CancelAfter(Patience);
        using var process = Process.Start(new ProcessStartInfo(Tool, Arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        });
        if (process is null) return [];
        try
        {
            var output = process.StandardOutput.ReadToEndAsync(patience.Token);
            var errors = process.StandardError.ReadToEndAsync(patience.Token);
            await Task.WhenAll(output, errors);
            await process.WaitForExitAsync(patience.Token);
            return process.ExitCode == 0 ? Parse(await output) : [];
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            process.Kill();
            return [];
        }
    }

    /// <summary>One GPU a line; a value that the GPU doesn't tell ("[N/A]", "[Not Supported]") becomes null, a line that is none is left out.</summary>
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

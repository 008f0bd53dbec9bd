using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Training.Core.Runs;
using static TorchSharp.torch;

namespace Training.Core.Devices;

/// <summary>
/// Which precision a device trains fastest in: a block of a ResNet forward and backward, in each that it has. Takes about a second, once a
/// machine.
/// </summary>
internal static class PrecisionTrial
{
    /// <summary>Less than this isn't worth shorter numbers, and lies within what other programs on the machine make of a trial.</summary>
    private const double WorthIt = 1.2;

    private const int Rounds = 5;
    private const int Channels = 64;
    private const int Side = 56;

    /// <summary>Pixels a side of a first glance: milliseconds.</summary>
    private const int GlanceSide = 14;

    /// <summary>What takes so many times as long as fp32 at a glance is not tried in full.</summary>
    private const double Hopeless = 5;

    public static (PrecisionKind Kind, string Why) Decide(Device device, string? cacheFolder)
    {
        var path = cacheFolder is null ? null : Path.Combine(cacheFolder, "precision.json");
        var key = $"{DeviceName(device)}, libtorch {TorchSharp.torch.__version__}";
        if (Kept(path) is { } kept && kept.Device == key && kept.Kind != PrecisionKind.Auto) return (kept.Kind, kept.Why);
        var (kind, why) = Choose(Measure(KindsOf(device), (kind, side) => Step(device, kind, side)));
        Keep(path, new Finding(key, kind, why));
        return (kind, why);
    }

    /// <summary>The fastest that is clearly faster than fp32.</summary>
    /// <param name="seconds">Of a step in each precision; with fp32.</param>
    internal static (PrecisionKind Kind, string Why) Choose(IReadOnlyDictionary<PrecisionKind, double> seconds)
    {
        var (kind, best) = seconds.MinBy(entry => entry.Value);
        var gain = seconds[PrecisionKind.Fp32] / best;
        if (kind != PrecisionKind.Fp32 && gain >= WorthIt)
            return (kind, string.Create(CultureInfo.InvariantCulture, $"{gain:0.0} times as fast as fp32 in a trial"));
        var others = seconds.Where(entry => entry.Key != PrecisionKind.Fp32)
            .Select(entry => string.Create(CultureInfo.InvariantCulture, $"{entry.Key.ToString().ToLowerInvariant()} "
                + $"{seconds[PrecisionKind.Fp32] / entry.Value:0.0} times as fast"));
        return (PrecisionKind.Fp32, $"in a trial nothing shorter was worth it ({string.Join(", ", others)})");
    }

    /// <summary>Seconds of a step in each precision, on a full block where they are worth its time.</summary>
    /// <param name="kinds">With fp32.</param>
    /// <param name="step">Does one on images of that many pixels a side and says how many seconds it took.</param>
    internal static Dictionary<PrecisionKind, double> Measure(IReadOnlyList<PrecisionKind> kinds, Func<PrecisionKind, int, double> step)
    {
        // A processor without bf16 computes it number by number: a full block then takes a second and more, several under load.
        var seconds = Best(kinds, GlanceSide, step);
        var near = kinds.Where(kind => seconds[kind] <= Hopeless * seconds[PrecisionKind.Fp32]).ToList();
        return near.Count == 1 ? seconds : Scaled(seconds, Best(near, Side, step));
    }

    /// <summary>In turns, so that whatever else the machine does meets all alike.</summary>
    private static Dictionary<PrecisionKind, double> Best(
        IReadOnlyList<PrecisionKind> kinds, int side, Func<PrecisionKind, int, double> step)
    {
        var best = kinds.ToDictionary(kind => kind, _ => double.PositiveInfinity);
        for (var round = 0; round < Rounds; round++)
            foreach (var kind in kinds) best[kind] = Math.Min(best[kind], step(kind, side));
        return best;
    }

    private static Dictionary<PrecisionKind, double> Scaled(
        Dictionary<PrecisionKind, double> glances, Dictionary<PrecisionKind, double> full) =>
        glances.ToDictionary(entry => entry.Key, entry => full.TryGetValue(entry.Key, out var seconds)
            ? seconds : entry.Value / glances[PrecisionKind.Fp32] * full[PrecisionKind.Fp32]);

    private static IReadOnlyList<PrecisionKind> KindsOf(Device device) => device.type == TorchSharp.DeviceType.CUDA
        ? [PrecisionKind.Fp32, PrecisionKind.Tf32, PrecisionKind.Bf16] : [PrecisionKind.Fp32, PrecisionKind.Bf16];

    private static double Step(Device device, PrecisionKind kind, int side)
    {
        using var scope = NewDisposeScope();
        var type = kind == PrecisionKind.Bf16 ? ScalarType.BFloat16 : ScalarType.Float32;
        backends.cuda.matmul.allow_tf32 = backends.cudnn.allow_tf32 = kind == PrecisionKind.Tf32;
        var batch = device.type == TorchSharp.DeviceType.CUDA ? 64 : 4;
        var images = ones([batch, side, side, Channels], type, device).permute(0, 3, 1, 2);
        var weight = full([Channels, 3, 3, Channels], 1e-3, ScalarType.Float32, device).permute(0, 3, 1, 2).requires_grad_();
        if (device.type == TorchSharp.DeviceType.CUDA) cuda.synchronize();
        var watch = Stopwatch.StartNew();
        var hidden = nn.functional.conv2d(images, weight.to(type), null, [1, 1], [1, 1]);
        nn.functional.conv2d(nn.functional.relu(hidden), weight.to(type), null, [1, 1], [1, 1]).sum().backward();
        if (device.type == TorchSharp.DeviceType.CUDA) cuda.synchronize();
        return watch.Elapsed.TotalSeconds;
    }

    private static string DeviceName(Device device)
    {
        if (device.type == TorchSharp.DeviceType.CUDA) return $"cuda:{Math.Max(0, device.index)}";
        const string processors = "/proc/cpuinfo";
        var model = File.Exists(processors)
            ? File.ReadLines(processors).FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal))?.Split(':').Last()
                .Trim() : null;
        return $"{model ?? "cpu"}, {Environment.ProcessorCount} threads";
    }

    private static Finding? Kept(string? path)
    {
        try
        {
            return path is not null && File.Exists(path)
                ? JsonSerializer.Deserialize<Finding>(File.ReadAllText(path), CoreJson.Options) : null;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or JsonException)
        {
            return null; // it is only a cache
        }
    }

    private static void Keep(string? path, Finding finding)
    {
        if (path is null) return;
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            AtomicFile.WriteText(path, JsonSerializer.Serialize(finding, CoreJson.Indented));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // The next run tries again.
        }
    }

    private sealed record Finding(string Device, PrecisionKind Kind, string Why);
}

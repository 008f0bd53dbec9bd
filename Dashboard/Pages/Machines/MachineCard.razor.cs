using Dashboard.Dispatch;
using Dashboard.Machines.Devices;
using Dashboard.Pages.Wording;
using Dashboard.Protocol;
using Microsoft.AspNetCore.Components;

namespace Dashboard.Pages.Machines;

/// <summary>One machine: how busy it is, its devices, and what they train.</summary>
public sealed partial class MachineCard
{
    /// <summary>Part of the disk above which a run may not be able to save its files.</summary>
    private const double FullDisk = 0.95;

    [Parameter, EditorRequired] public MachineReport Machine { get; set; } = default!;

    /// <summary>Reports of the last minutes, oldest first.</summary>
    [Parameter, EditorRequired] public IReadOnlyList<MachineReport> History { get; set; } = [];

    /// <summary>Null when it was not measured (yet).</summary>
    [Parameter] public MeasuredSpeed? Speed { get; set; }

    /// <summary>Names of the runs that devices train.</summary>
    [Parameter] public IReadOnlyDictionary<int, string> Runs { get; set; } = new Dictionary<int, string>();

    [Parameter] public bool IsHere { get; set; }

    /// <summary>What the dashboard knows of it; null where only the report is shown.</summary>
    [Parameter] public MachineView? Known { get; set; }

    /// <summary>Something was changed here.</summary>
    [Parameter] public EventCallback Changed { get; set; }

    [Inject] private IServiceProvider Services { get; set; } = default!;

    private static readonly int[] Offered = [15, 30, 60, 300, 1800, 4 * 3600, 24 * 3600];

    private IEnumerable<int> Leases => Offered.Append(Known?.LeaseSeconds ?? Offered[0]).Distinct().Order();

    // Only a card that is more than a picture needs it.
    private MachineService Service => Services.GetRequiredService<MachineService>();

    private async Task LeaseAsync(ChangeEventArgs chosen)
    {
        if (int.TryParse(chosen.Value as string, System.Globalization.CultureInfo.InvariantCulture, out var seconds))
            await Service.SetLeaseAsync(Machine.Name, TimeSpan.FromSeconds(seconds));
        await Changed.InvokeAsync();
    }

    private IReadOnlyList<(int Id, string Name)> GoingOn => [.. (Known?.GoOn ?? []).Select(run => (run, NameOf(run)))];

    private string NameOf(int run) => Runs.TryGetValue(run, out var name) ? name : L["Run {0}", run];

    private double? DiskUsed => Part(Machine.DiskTotal - Machine.DiskFree, Machine.DiskTotal);

    private bool IsDiskFull => DiskUsed > FullDisk;

    /// <summary>How long it has said nothing; null while it reports as it should.</summary>
    private TimeSpan? Silence => Time.GetUtcNow() - Machine.At is var age && age > 5 * MachineReporter.Interval ? age : null;

    private string SpeedText => Speed?.Speed is { } speed
        ? L["With ResNet-18 at 224 px it trains {0}, evaluates {1} and decodes {2} images per second.",
            Rate(speed.Train), Rate(speed.Evaluate), Rate(speed.Decode)]
        : L["Not measured yet: that takes a few seconds, once nothing trains. Until then new runs show no estimate of their time."];

    private static double? Part(long? used, long? total) => total > 0 ? (double?)used / total : null;

    private static int Whole(double? part) => (int)Math.Round(Math.Clamp(part ?? 0, 0, 1) * 100);

    private static string Rate(double imagesPerSecond) =>
        Figures.Count((long)Math.Round(imagesPerSecond));

    private string OfTotal(long? used, long? total) => used is { } some && total is { } all
        ? L["{0} of {1}", Figures.Bytes(some), Figures.Bytes(all)]
        : L["unknown"];
}

using Dashboard.Devices;
using Dashboard.Live;
using Dashboard.Runs;
using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.Options;

namespace Dashboard.Machines;

/// <summary>What can train, how busy it is, and what it trains; fresh every 2 seconds.</summary>
public sealed partial class MachinesPage : LiveComponent
{
    private IReadOnlyList<MachineView> _machines = [];
    private bool _joins;
    private bool _clusters;
    private readonly Dictionary<int, string> _runs = [];
    private bool _asked;

    [Inject] private MachineService Service { get; set; } = default!;
    [Inject] private MachineRegistry Registry { get; set; } = default!;
    [Inject] private MachineSpeeds Speeds { get; set; } = default!;
    [Inject] private LocalMachine Here { get; set; } = default!;
    [Inject] private RunStore Store { get; set; } = default!;
    [Inject] private IOptions<DashboardOptions> Options { get; set; } = default!;

    /// <summary>Of machines that are there.</summary>
    private IEnumerable<DeviceReport> Devices => _machines.Where(machine => machine.AwaySince is null).SelectMany(machine => machine.Report?.Devices ?? []);

    private int Training => Devices.Count(device => device.RunId is not null);

    protected override Task OnInitializedAsync() => LoadAsync();

    protected override void OnAfterRender(bool firstRender)
    {
        if (firstRender) Follow(Registry.Subscribe, LoadAsync, TimeSpan.FromSeconds(1));
    }

    private async Task AddedAsync()
    {
        _clusters = false;
        await LoadAsync();
    }

    private async Task LoadAsync()
    {
        var machines = await Service.ListAsync(Left);
        foreach (var id in machines.SelectMany(machine => machine.Report?.Devices ?? []).Select(device => device.RunId).OfType<int>())
        {
            // A name is asked for once; it changes so seldom that a reload is soon enough.
            if (!_runs.ContainsKey(id) && await Store.GetAsync(id, Left) is { } run) _runs[id] = run.Name;
        }
        (_machines, _asked) = (machines, true);
    }
}

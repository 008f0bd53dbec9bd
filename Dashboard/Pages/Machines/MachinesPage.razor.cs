using Dashboard.Dispatch;
using Dashboard.Machines;
using Dashboard.Machines.Devices;
using Dashboard.Pages.Live;
using Dashboard.Protocol;
using Dashboard.Runs;
using Dashboard.Storage;
using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.Options;

namespace Dashboard.Pages.Machines;

/// <summary>What can train, how busy it is, and what it trains; fresh every 2 seconds.</summary>
public sealed partial class MachinesPage : LiveComponent
{
    /// <summary>A card is as high as half a window, and each is drawn anew every second.</summary>
    private const int PageSize = 20;

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
    [Inject] private RunFeed Feed { get; set; } = default!;
    [Inject] private IOptions<DashboardOptions> Options { get; set; } = default!;
    [Inject] private NavigationManager Navigation { get; set; } = default!;

    [SupplyParameterFromQuery(Name = "q")] private string? Text { get; set; }
    [SupplyParameterFromQuery(Name = "page")] private int? Page { get; set; }

    private IReadOnlyList<MachineView> Matching => string.IsNullOrWhiteSpace(Text) ? _machines : [.. _machines.Where(Fits)];

    private int PageNumber => Math.Clamp(Page ?? 1, 1, Math.Max(1, (Matching.Count + PageSize - 1) / PageSize));

    private int First => (PageNumber - 1) * PageSize;

    private IEnumerable<MachineView> Shown => Matching.Skip(First).Take(PageSize);

    /// <summary>Of machines that are there, and those of others that train nonetheless.</summary>
    private IEnumerable<DeviceReport> Devices => _machines.SelectMany(machine =>
        machine.Report?.Devices.Where(device => machine.AwaySince is null || device.RunId is not null) ?? []);

    private int Training => Devices.Count(device => device.RunId is not null);

    protected override Task OnInitializedAsync() => LoadAsync();

    protected override void OnAfterRender(bool firstRender)
    {
        if (!firstRender) return;
        Follow(Registry.Subscribe, LoadAsync, TimeSpan.FromSeconds(1));
        // A machine that is away reports nothing when the run ends that went on there.
        Follow(changed => Feed.SubscribeToQueue(changed), LoadAsync, TimeSpan.FromSeconds(1));
    }

    private async Task AddedAsync()
    {
        _clusters = false;
        await LoadAsync();
    }

    private async Task LoadAsync()
    {
        var machines = await Service.ListAsync(Left);
        // A name is asked for once; it changes so seldom that a reload is soon enough.
        var unknown = machines
            .SelectMany(machine => (machine.Report?.Devices ?? []).Select(device => device.RunId).OfType<int>().Concat(machine.GoOn))
            .Where(id => !_runs.ContainsKey(id)).ToHashSet();
        if (unknown.Count > 0)
            foreach (var (id, name) in await Store.NamesAsync(unknown, Left)) _runs[id] = name;
        (_machines, _asked) = (machines, true);
    }

    private bool Fits(MachineView machine)
    {
        var text = Text!.Trim();
        return Has(machine.Name) || Has(machine.Report?.System) || Has(machine.Report?.Processor)
            || machine.Report?.Devices.Any(device => Has(device.Name)) == true;

        bool Has(string? part) => part?.Contains(text, StringComparison.CurrentCultureIgnoreCase) == true;
    }

    private void Search(ChangeEventArgs typed) => Navigation.NavigateTo(
        Navigation.GetUriWithQueryParameters(new Dictionary<string, object?> { ["q"] = typed.Value is string { Length: > 0 } text
            ? text : null, ["page"] = null }), replace: true);

    private string PageUrl(int page) => Navigation.GetUriWithQueryParameter("page", page > 1 ? page : (int?)null);
}

using Dashboard.Live;
using Dashboard.Machines;
using Dashboard.Runs;
using Dashboard.Visitors;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Routing;
using MudBlazor;

namespace Dashboard.Layout;

/// <summary>The menu, with how many runs are live and how busy the devices are.</summary>
public sealed partial class NavMenu : LiveComponent
{
    private static readonly Item[] Items =
    [
        new("/", "Runs", Icons.Material.Outlined.ShowChart, "/runs"),
        new("/new", "New run", Icons.Material.Outlined.AddCircleOutline, Right: Rights.CanEdit),
        new("/datasets", "Datasets", Icons.Material.Outlined.PhotoLibrary),
        new("/machines", "Machines", Icons.Material.Outlined.Memory),
        new("/settings", "Settings", Icons.Material.Outlined.Settings),
    ];

    private IReadOnlyList<MachineReport> _machines = [];
    private int _live;

    [Inject] private RunStore Store { get; set; } = default!;
    [Inject] private RunFeed Feed { get; set; } = default!;
    [Inject] private MachineRegistry Registry { get; set; } = default!;
    [Inject] private NavigationManager Navigation { get; set; } = default!;

    private IEnumerable<(MachineReport Machine, DeviceReport Device)> Devices =>
        from machine in _machines
        from device in machine.Devices
        select (machine, device);

    protected override async Task OnInitializedAsync()
    {
        _machines = Registry.Machines;
        await CountAsync();
        Navigation.LocationChanged += Moved;
    }

    protected override void OnAfterRender(bool firstRender)
    {
        if (!firstRender) return;
        // A badge may be a second old; it must not cost a query per training step.
        Follow(changed => Feed.Subscribe(null, changed), CountAsync, TimeSpan.FromSeconds(1));
        Follow(Registry.Subscribe, () => { _machines = Registry.Machines; return Task.CompletedTask; }, TimeSpan.FromSeconds(1));
    }

    protected override void Dispose(bool disposing)
    {
        Navigation.LocationChanged -= Moved;
        base.Dispose(disposing);
    }

    private async Task CountAsync() => _live = (await Store.TallyAsync(Left)).Live;

    private void Moved(object? sender, LocationChangedEventArgs e) => StateHasChanged();

    private bool IsHere(Item item)
    {
        var path = "/" + Navigation.ToBaseRelativePath(Navigation.Uri).Split('?', '#')[0];
        return item.Href == "/"
            ? path == "/" || path.StartsWith(item.Also!, StringComparison.Ordinal)
            : path.StartsWith(item.Href, StringComparison.Ordinal);
    }

    private sealed record Item(string Href, string Text, string Icon, string? Also = null, string Right = Rights.CanLook);
}

using Dashboard.Access.Visitors;
using Dashboard.Machines;
using Dashboard.Pages.Live;
using Dashboard.Protocol;
using Dashboard.Runs;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Routing;
using MudBlazor;

namespace Dashboard.Pages.Shell;

/// <summary>The menu, with how many runs are live and how busy the devices are.</summary>
public sealed partial class NavMenu : LiveComponent
{
    internal static readonly Item[] Items =
    [
        new("/", "Runs", Icons.Material.Outlined.ShowChart, "/runs"),
        new("/new", "New run", Icons.Material.Outlined.AddCircleOutline, Right: Rights.CanEdit),
        new("/datasets", "Datasets", Icons.Material.Outlined.PhotoLibrary),
        new("/machines", "Machines", Icons.Material.Outlined.Memory),
        new("/settings", "Settings", Icons.Material.Outlined.Settings),
    ];

    /// <summary>A glance, not a list: that is the machines' page.</summary>
    private const int MostDevices = 6;

    private int _live, _devices;

    [Inject] private RunStore Store { get; set; } = default!;
    [Inject] private RunFeed Feed { get; set; } = default!;
    [Inject] private MachineRegistry Registry { get; set; } = default!;
    [Inject] private NavigationManager Navigation { get; set; } = default!;

    /// <summary>All, or where there are many those that train before the others.</summary>
    private IReadOnlyList<(MachineReport Machine, DeviceReport Device)> Shown { get; set; } = [];

    protected override async Task OnInitializedAsync()
    {
        Look();
        await CountAsync();
        Navigation.LocationChanged += Went;
    }

    protected override void OnAfterRender(bool firstRender)
    {
        if (!firstRender) return;
        // How many are live changes only with the queue; a badge may be a second old.
        Follow(changed => Feed.SubscribeToQueue(changed), CountAsync, TimeSpan.FromSeconds(1));
        Follow(Registry.Subscribe, () => { Look(); return Task.CompletedTask; }, TimeSpan.FromSeconds(1));
    }

    protected override void Dispose(bool disposing)
    {
        Navigation.LocationChanged -= Went;
        base.Dispose(disposing);
    }

    private void Look()
    {
        var all = (from machine in Registry.Machines from device in machine.Devices select (machine, device)).ToList();
        _devices = all.Count;
        Shown = all.Count <= MostDevices ? all : [.. all.OrderBy(each => each.device.RunId is null).Take(MostDevices)];
    }

    private async Task CountAsync() => _live = (await Store.TallyAsync(Left)).Live;

    private void Went(object? sender, LocationChangedEventArgs e) => StateHasChanged();

    private bool IsHere(Item item)
    {
        var path = "/" + Navigation.ToBaseRelativePath(Navigation.Uri).Split('?', '#')[0];
        return item.Href == "/"
            ? path == "/" || path.StartsWith(item.Also!, StringComparison.Ordinal)
            : path.StartsWith(item.Href, StringComparison.Ordinal);
    }

    internal sealed record Item(string Href, string Text, string Icon, string? Also = null, string Right = Rights.CanLook);
}

using System.Globalization;
using Dashboard.Pages.Live;
using Dashboard.Runs;
using Dashboard.Storage;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Routing;
using Microsoft.AspNetCore.WebUtilities;

namespace Dashboard.Pages.Run;

/// <summary>
/// One run, live: asks the store for its row and epochs after every change and hands them to the tab that is shown;
/// only that tab reads more. The tab and what it shows stand in the URL.
/// </summary>
public sealed partial class RunPage : LiveComponent
{
    private static readonly (string Name, string Text)[] Tabs =
    [
        ("curves", "Curves"), ("matrix", "Confusion matrix"), ("images", "Images"), ("classes", "Per class"),
        ("log", "Log"), ("recipe", "Recipe"), ("files", "Files"), ("try", "Try it"),
    ];

    private RunRow? _run;
    private IReadOnlyList<EpochRow> _epochs = [];
    private LivePull? _pull;
    private int _followed;
    private bool _missing;

    [Inject] private RunStore Store { get; set; } = default!;
    [Inject] private RunFeed Feed { get; set; } = default!;
    [Inject] private NavigationManager Navigation { get; set; } = default!;

    [Parameter] public int Id { get; set; }

    /// <summary>Only while the page is made for its first answer, so that a script sees 404 too.</summary>
    [CascadingParameter] private HttpContext? Http { get; set; }

    private string Current => Tabs.FirstOrDefault(tab => tab.Name == Query("tab"), Tabs[0]).Name;

    /// <summary>
    /// Wrong validation images of the epoch that the tab opens with: the newest, or the kept one of an ended run; null before the first.
    /// </summary>
    private int? Wrong => Accuracy is { } accuracy && _run!.ValSamples > 0
        ? (int)Math.Round((1 - accuracy) * _run.ValSamples)
        : null;

    private double? Accuracy => _run!.State.IsEnded() ? _run.BestValAccuracy : _epochs.Count > 0 ? _epochs[^1].ValAccuracy : null;

    /// <summary>
    /// Not by SupplyParameterFromQuery: it tells its listeners one by one, and a page that changes its tab on the way adds and removes
    /// listeners meanwhile, which ends the circuit ("Collection was modified").
    /// </summary>
    protected override void OnInitialized() => Navigation.LocationChanged += Went;

    protected override async Task OnParametersSetAsync()
    {
        if (_run?.Id == Id) return;
        _run = null;
        await LoadAsync();
        if (_missing && Http is { Response.HasStarted: false }) Http.Response.StatusCode = StatusCodes.Status404NotFound;
    }

    protected override void OnAfterRender(bool firstRender)
    {
        if (_followed == Id) return;
        _followed = Id;
        _pull?.Dispose();
        _pull = Follow(changed => Feed.Subscribe(_followed, changed), LoadAsync);
    }

    private async Task LoadAsync()
    {
        var id = Id;
        var run = await Store.GetAsync(id, Left);
        var epochs = run is null ? [] : await Store.EpochsAsync(id, Left);
        if (id != Id) return;
        (_run, _epochs, _missing) = (run, epochs, run is null);
    }

    /// <summary>The chosen epoch goes along to the other tabs; everything else belongs to one tab.</summary>
    private string Url(string tab) =>
        $"/runs/{Id}?tab={tab}" + (int.TryParse(Query("epoch"), CultureInfo.InvariantCulture, out var epoch) ? $"&epoch={epoch}" : "");

    private string? Query(string name) => QueryHelpers.ParseQuery(new Uri(Navigation.Uri).Query).GetValueOrDefault(name);

    private void Went(object? sender, LocationChangedEventArgs moved) => Later(() =>
    {
        StateHasChanged();
        return Task.CompletedTask;
    });

    protected override void Dispose(bool disposing)
    {
        Navigation.LocationChanged -= Went;
        base.Dispose(disposing);
    }
}

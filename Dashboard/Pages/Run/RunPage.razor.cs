using System.Globalization;
using Dashboard.Pages.Live;
using Dashboard.Pages.Review;
using Dashboard.Runs;
using Dashboard.Storage;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Routing;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Primitives;

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
    private readonly Dictionary<string, Dictionary<string, StringValues>> _seen = new(StringComparer.Ordinal);
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
        _seen.Clear();
        _followed = Id;
        Remember();
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

    /// <summary>The chosen epoch goes along to the other tabs; everything else belongs to one tab, which keeps it.</summary>
    private string Url(string tab)
    {
        var query = _seen.GetValueOrDefault(tab) is { } seen ? new Dictionary<string, StringValues>(seen) : [];
        query["tab"] = tab;
        // The tab says how many are wrong, so these are what it opens with.
        if (tab == ReviewAddress.Images && query.Count == 1 && Wrong > 0) query["wrong"] = "true";
        if (int.TryParse(Query("epoch"), CultureInfo.InvariantCulture, out _)) query["epoch"] = Query("epoch");
        else query.Remove("epoch");
        return QueryHelpers.AddQueryString($"/runs/{Id}", query.OrderBy(each => each.Key != "tab"));
    }

    /// <summary>Smoothing, filters and the like of a tab are there again when somebody comes back to it.</summary>
    private void Remember()
    {
        var query = QueryHelpers.ParseQuery(new Uri(Navigation.Uri).Query);
        if (!query.TryGetValue("tab", out var tab) || tab.Count != 1) return;
        // The large view was closed by going elsewhere.
        query.Remove("sample");
        _seen[tab.ToString()] = query;
    }

    private string? Query(string name) => QueryHelpers.ParseQuery(new Uri(Navigation.Uri).Query).GetValueOrDefault(name);

    private void Went(object? sender, LocationChangedEventArgs moved) => Later(() =>
    {
        Remember();
        StateHasChanged();
        return Task.CompletedTask;
    });

    protected override void Dispose(bool disposing)
    {
        Navigation.LocationChanged -= Went;
        base.Dispose(disposing);
    }
}

using System.Globalization;
using Dashboard.Datasets;
using Dashboard.Pages.Live;
using Dashboard.Pages.Shell;
using Dashboard.Pages.Wording;
using Dashboard.Storage;
using Dashboard.Storage.Outages;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Web.Virtualization;
using Microsoft.JSInterop;
using Training.Core.Data;

namespace Dashboard.Pages.Datasets;

/// <summary>
/// Every image of a dataset, by class and split, and one of them large. Only the rows on screen are asked for. The address holds the
/// filter, the open image, and how far down the page is.
/// </summary>
public sealed partial class SampleBrowser
{
    /// <summary>Height of a row of images with its gap, CSS pixels; datasets.css gives them the same.</summary>
    private const int RowHeight = 204;

    /// <summary>Images that count as one page in the address.</summary>
    private const int PageSize = 60;

    private const int Overscan = 3;

    // Browsers stop listening when the address changes too often.
    private static readonly TimeSpan AddressDelay = TimeSpan.FromMilliseconds(400);

    private ElementReference _root;
    private Virtualize<SampleRowView>? _rows;
    private ScriptModule? _script;
    private DotNetObjectReference<SampleBrowser>? _self;
    private (int Id, int? Label, Split? Split, string Counts)? _shown;
    private int _columns = 5;
    private int? _openId;
    private Sample? _open;
    private int _openPlace;
    private IReadOnlyList<Sample> _neighbours = [];
    private bool _isLooked, _isRestored;

    [Parameter, EditorRequired] public required DatasetRow Row { get; set; }
    [Parameter, EditorRequired] public required DatasetOutline Outline { get; set; }
    [Parameter] public int? Label { get; set; }
    [Parameter] public Split? Split { get; set; }

    [SupplyParameterFromQuery(Name = "sample")] private string? SampleText { get; set; }
    [SupplyParameterFromQuery(Name = "page")] private string? PageText { get; set; }

    [Inject] private DatasetStore Store { get; set; } = default!;
    [Inject] private NavigationManager Navigation { get; set; } = default!;
    [Inject] private IJSRuntime Js { get; set; } = default!;

    private int Total => Enumerable.Range(0, Outline.Classes.Count).Where(label => Label is null || Label == label)
        .Sum(label => Split is { } split
            ? Outline.Counts[label, (int)split] : Outline.Counts[label, 0] + Outline.Counts[label, 1] + Outline.Counts[label, 2]);

    private string Sentence
    {
        get
        {
            var count = Total == 1 ? L["1 image"].Value : L["{0} images", Figures.Count(Total)];
            return (Label, Split) switch
            {
                ({ } label, { } split) => L["{0} of {1} in {2}", count, Name(label)!, L[Word(split)].Value],
                ({ } label, null) => L["{0} of {1}", count, Name(label)!],
                (null, { } split) => L["{0} in {1}", count, L[Word(split)].Value],
                _ => count,
            };
        }
    }

    [JSInvokable]
    public async Task SetColumns(int columns)
    {
        if (columns == _columns || columns < 1) return;
        _columns = columns;
        await RefreshAsync();
    }

    /// <summary>The script tells this to every gallery; here nothing depends on it.</summary>
    [JSInvokable]
    public void SetScrolled(bool isScrolled)
    {
    }

    protected override async ValueTask LeaveAsync()
    {
        if (_script is not null) await _script.LeaveAsync("detach", _root);
        _self?.Dispose();
    }

    protected override async Task OnParametersSetAsync()
    {
        var now = (Row.Id, Label, Split, Row.CountsJson);
        if (_shown is not null && _shown != now) await RefreshAsync();
        var wanted = int.TryParse(SampleText, NumberStyles.None, CultureInfo.InvariantCulture, out var id) ? id : (int?)null;
        if (wanted != _openId || _shown != now) await OpenAsync(wanted);
        _shown = now;
    }

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (!firstRender) return;
        _self = DotNetObjectReference.Create(this);
        _script = new ScriptModule(Js, AssetUrl.Of("js/gallery.js"));
        await _script.CallAsync("attach", _root, _self);
        if (int.TryParse(PageText, NumberStyles.None, CultureInfo.InvariantCulture, out var page) && page > 1 && Total > 0)
            await _script.CallAsync("reveal", _root, Math.Min((page - 1) * PageSize, Total - 1));
        _isRestored = true;
    }

    private async ValueTask<ItemsProviderResult<SampleRowView>> RowsAsync(ItemsProviderRequest request)
    {
        var columns = _columns;
        IReadOnlyList<Sample> samples;
        try
        {
            samples = request.Count == 0 ? [] : await Store.SamplesAsync(
                Row.Id, Label, Split, request.StartIndex * columns, request.Count * columns, request.CancellationToken);
        }
        catch (Exception e) when (Outage.Of(e) is not null)
        {
            // The list would carry the exception into the page.
            Later(RefreshLaterAsync);
            samples = [];
        }
        Later(() => RememberPlaceAsync(request.StartIndex == 0 ? 0 : (request.StartIndex + Overscan) * columns));
        var rows = samples.Chunk(columns).Select((row, i) => new SampleRowView(request.StartIndex + i, row)).ToList();
        return new ItemsProviderResult<SampleRowView>(rows, (Total + columns - 1) / columns);
    }

    /// <summary>Writes how far down the page is into the address, once the scrolling rests.</summary>
    private async Task RememberPlaceAsync(int first)
    {
        if (!_isRestored || !await RestsAsync(AddressDelay)) return;
        int? page = first < PageSize ? null : first / PageSize + 1;
        if (page?.ToString(CultureInfo.InvariantCulture) != PageText)
            Navigation.NavigateTo(Navigation.GetUriWithQueryParameter("page", page), replace: true);
    }

    private async Task RefreshAsync()
    {
        if (_rows is not null) await _rows.RefreshDataAsync();
        StateHasChanged();
    }

    private async Task RefreshLaterAsync()
    {
        await OutageOverAsync();
        if (!IsLeft) await RefreshAsync();
    }

    private async Task OpenAsync(int? id)
    {
        (_openId, _isLooked) = (id, false);
        if (id is { } known && await Store.PlaceAsync(Row.Id, known, Label, Split) is { } place) await ShowAsync(place);
        else _open = null;
        _isLooked = true;
    }

    private async Task ShowAsync(int place)
    {
        var first = Math.Max(0, place - 1);
        _neighbours = await Store.SamplesAsync(Row.Id, Label, Split, first, 4);
        (_openPlace, _open) = (place, _neighbours.ElementAtOrDefault(place - first));
        _openId = _open?.Id;
    }

    private async Task MoveAsync(int place)
    {
        await ShowAsync(Math.Clamp(place, 0, Total - 1));
        StateHasChanged();
        if (await RestsAsync(AddressDelay) && _open is not null) Navigation.NavigateTo(Address(_open.Id), replace: true);
    }

    private async Task CloseAsync()
    {
        var place = _open is null ? -1 : _openPlace;
        (_openId, _open) = (null, null);
        Moved();
        Navigation.NavigateTo(Navigation.GetUriWithQueryParameter("sample", (int?)null), replace: true);
        if (place >= 0 && _script is not null) await _script.CallAsync("reveal", _root, place);
    }

    private void Filter(int? label, Split? split) =>
        Navigation.NavigateTo(Navigation.GetUriWithQueryParameters(new Dictionary<string, object?>
    {
        ["label"] = label, ["split"] = split is { } known ? Word(known) : null, ["page"] = null, ["sample"] = null,
    }), replace: true);

    private string Address(int sampleId) => Navigation.GetUriWithQueryParameter("sample", sampleId);

    private string? Name(int? label) => label is { } known && known < Row.Classes.Count ? Row.Classes[known] : null;

    private Task<IEnumerable<int?>> FindAsync(string? text, CancellationToken cancellationToken) => Task.FromResult(
        Enumerable.Range(0, Row.Classes.Count).Where(label => string.IsNullOrEmpty(text) || text == Name(Label)
            || Row.Classes[label].Contains(text, StringComparison.CurrentCultureIgnoreCase)).Select(label => (int?)label));

    private static string Word(Split split) => split.ToString().ToLowerInvariant();

    /// <param name="Index">From 0.</param>
    internal sealed record SampleRowView(int Index, IReadOnlyList<Sample> Samples);
}

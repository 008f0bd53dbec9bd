using Dashboard.Layout;
using Dashboard.Runs;
using Dashboard.Storage;
using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.Localization;

namespace Dashboard.RunList;

/// <summary>All runs, running ones on top; follows the store. The filter and the page stand in the URL.</summary>
public sealed partial class RunsPage : LiveComponent
{
    private const int PageSize = 50;

    private IReadOnlyList<RunRow>? _runs;
    private IReadOnlyList<RunRow> _shown = [];
    private IReadOnlyList<(int Id, string Name)> _datasets = [];
    private IReadOnlyDictionary<int, IReadOnlyList<double>> _accuracies = new Dictionary<int, IReadOnlyList<double>>();
    private Dictionary<int, int> _positions = [];
    private ElementReference _search;
    private int _matching;

    [Inject] private RunStore Store { get; set; } = default!;
    [Inject] private RunFeed Feed { get; set; } = default!;
    [Inject] private NavigationManager Navigation { get; set; } = default!;
    [Inject] private IStringLocalizer<Words> Words { get; set; } = default!;

    [SupplyParameterFromQuery(Name = "q")] private string? Text { get; set; }
    [SupplyParameterFromQuery(Name = "state")] private string? State { get; set; }
    [SupplyParameterFromQuery(Name = "dataset")] private int? DatasetId { get; set; }
    [SupplyParameterFromQuery(Name = "page")] private int? Page { get; set; }
    [SupplyParameterFromQuery(Name = "focus")] private string? Focus { get; set; }

    private int PageNumber => Math.Max(Page ?? 1, 1);

    private int First => (PageNumber - 1) * PageSize;

    private string Tally => string.Join(" · ", new[]
    {
        (Count: _runs!.Count(run => run.State.IsLive()), Word: "{0} running"),
        (Count: _runs!.Count(run => run.State == RunState.Queued), Word: "{0} waiting"),
        (Count: _runs!.Count(run => run.State.IsEnded()), Word: "{0} finished"),
    }.Where(part => part.Count > 0).Select(part => Words[part.Word, Figures.Count(part.Count)].Value));

    protected override async Task OnParametersSetAsync()
    {
        if (_runs is null) await LoadAsync();
        else await ShowAsync();
    }

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (!firstRender) return;
        Follow(changed => Feed.Subscribe(null, changed), LoadAsync, TimeSpan.FromMilliseconds(500));
        if (Focus == "search" && _runs?.Count > 0) await _search.FocusAsync();
    }

    private async Task LoadAsync()
    {
        var runs = await Store.ListAsync(Left);
        _runs = runs;
        _datasets = [.. runs.Select(run => (run.DatasetId, run.DatasetName)).DistinctBy(dataset => dataset.DatasetId)
            .OrderBy(dataset => dataset.DatasetName, StringComparer.CurrentCultureIgnoreCase)];
        _positions = runs.Where(run => run.State == RunState.Queued).Select((run, i) => (run.Id, Place: i + 1))
            .ToDictionary(run => run.Id, run => run.Place);
        await ShowAsync();
    }

    private async Task ShowAsync()
    {
        var matching = new RunFilter(Text, State, DatasetId).Apply(_runs!).ToList();
        _matching = matching.Count;
        _shown = [.. matching.Skip(First).Take(PageSize)];
        // Only what is on screen: a list of thousands costs no more than one of fifty.
        _accuracies = await Store.AccuraciesAsync([.. _shown.Select(run => run.Id)], Left);
    }

    private int? Position(RunRow run) => _positions.TryGetValue(run.Id, out var place) ? place : null;

    private void Filter(string? text = null, string? state = null, string? dataset = null) =>
        Navigation.NavigateTo(Navigation.GetUriWithQueryParameters(new Dictionary<string, object?>
        {
            ["q"] = NullIfEmpty(text ?? Text),
            ["state"] = NullIfEmpty(state ?? State),
            ["dataset"] = dataset is null ? DatasetId : int.TryParse(dataset, out var id) ? id : null,
            ["page"] = null,
            ["focus"] = null,
        }), replace: true);

    private string PageUrl(int page) => Navigation.GetUriWithQueryParameter("page", page > 1 ? page : (int?)null);

    private static string? NullIfEmpty(string? value) => string.IsNullOrEmpty(value) ? null : value;
}

using Dashboard.Access.Visitors;
using Dashboard.Pages.Live;
using Dashboard.Pages.Wording;
using Dashboard.Runs;
using Dashboard.Storage;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.Extensions.Localization;
using Training.Core.Recipes;

namespace Dashboard.Pages.Runs;

/// <summary>All runs, running ones on top; follows the store. The filter and the page stand in the URL.</summary>
public sealed partial class RunsPage : LiveComponent
{
    private const int PageSize = 50;

    private RunListPage? _list;
    private IReadOnlyList<(int Id, string Name)> _datasets = [];
    private IReadOnlyDictionary<int, IReadOnlyList<double>> _accuracies = new Dictionary<int, IReadOnlyList<double>>();
    private ElementReference _search;
    private (RunFilter, int)? _asked;
    private int _known;
    private int? _dragged;

    [Inject] private RunStore Store { get; set; } = default!;
    [Inject] private RunService Service { get; set; } = default!;
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

    private RunFilter Filters => new(Text, State, DatasetId);

    private string Tally => string.Join(" · ", new[]
    {
        (Count: _list!.Tally.Live, Word: "{0} running"),
        (Count: _list.Tally.Queued, Word: "{0} waiting"),
        (Count: _list.Tally.Paused, Word: "{0} paused"),
        (Count: _list.Tally.Ended, Word: "{0} finished"),
    }.Where(part => part.Count > 0).Select(part => Words[part.Word, Figures.Count(part.Count)].Value));

    protected override async Task OnParametersSetAsync()
    {
        if (_asked != (Filters, First)) await LoadAsync();
    }

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (!firstRender) return;
        Follow(changed => Feed.Subscribe(null, changed), LoadAsync, TimeSpan.FromMilliseconds(500));
        if (Focus == "search" && _list?.Tally.All > 0) await _search.FocusAsync();
    }

    /// <summary>Whoever may only look can drag a row too, but not to anywhere.</summary>
    [CascadingParameter] private Task<AuthenticationState>? Authentication { get; set; }

    private async Task MoveAsync((int Run, int? Before) move)
    {
        _dragged = null;
        if (!await MayEditAsync()) return;
        await Service.MoveInQueueAsync(move.Run, move.Before, Left);
        await LoadAsync();
    }

    private async Task PrioritizeAsync((int Run, RunPriority Priority) wanted)
    {
        if (!await MayEditAsync()) return;
        await Service.SetPriorityAsync(wanted.Run, wanted.Priority, Left);
        await LoadAsync();
    }

    private async Task<bool> MayEditAsync() =>
        Authentication is not null && Visitor.Of((await Authentication).User) is { Role: AccountRole.Member or AccountRole.Admin };

    /// <summary>Asks for what is on screen only: a list of thousands costs no more than one of fifty.</summary>
    private async Task LoadAsync()
    {
        var asked = (Filters, First);
        _asked = asked;
        var list = await Store.PageAsync(asked.Filters.Apply, asked.First, PageSize, Left);
        var accuracies = await Store.AccuraciesAsync([.. list.Runs.Select(run => run.Id)], Left);
        if (list.Tally.All != _known)
        {
            _datasets = [.. (await Store.DatasetsOfRunsAsync(Left))
                .OrderBy(dataset => dataset.Name, StringComparer.CurrentCultureIgnoreCase)];
            _known = list.Tally.All;
        }
        // Somebody typed on meanwhile: only the last answer counts.
        if (_asked == asked) (_list, _accuracies) = (list, accuracies);
    }

    private int? Position(RunRow run) => _list!.Places.TryGetValue(run.Id, out var place) ? place : null;

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

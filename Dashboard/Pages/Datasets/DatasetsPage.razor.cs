using Dashboard.Datasets;
using Dashboard.Pages.Live;
using Dashboard.Pages.Wording;
using Dashboard.Storage;
using Microsoft.AspNetCore.Components;
using Training.Core.Data;

namespace Dashboard.Pages.Datasets;

/// <summary>All datasets, with the forms that add one.</summary>
public sealed partial class DatasetsPage : LiveComponent
{
    private const int StripLength = 8;

    private IReadOnlyList<DatasetRow>? _rows;
    private Dictionary<int, DatasetOutline> _outlines = [];
    private Dictionary<int, (string Counts, IReadOnlyList<Sample> Samples)> _strips = [];
    private Dictionary<int, DatasetProgress?> _progress = [];
    private bool _isAddingDemo;
    private string? _trouble;

    [Inject] private DatasetStore Store { get; set; } = default!;
    [Inject] private NavigationManager Navigation { get; set; } = default!;

    [SupplyParameterFromQuery(Name = "add")] private string? Add { get; set; }

    private bool IsAdding => Add is not null;

    private string AddAddress => IsAdding ? "/datasets" : "/datasets?add=1";

    private string Tally
    {
        get
        {
            var images = _outlines.Values.Sum(outline => (long)outline.Total);
            return _rows!.Count == 1
                ? L["1 dataset · {0}", Figures.Counted(images, "1 image", "{0} images", L)]
                : L["{0} datasets · {1}", Figures.Count(_rows.Count), Figures.Counted(images, "1 image", "{0} images", L)];
        }
    }

    protected override Task OnInitializedAsync() => LoadAsync();

    protected override void OnAfterRender(bool firstRender)
    {
        if (firstRender) Follow(Store.Subscribe, LoadAsync);
    }

    private async Task LoadAsync()
    {
        var rows = await Store.ListAsync(Left);
        var strips = new Dictionary<int, (string, IReadOnlyList<Sample>)>();
        foreach (var row in rows)
        {
            // Asked anew only after a scan: while one goes on this runs several times a second.
            strips[row.Id] = _strips.TryGetValue(row.Id, out var known) && known.Counts == row.CountsJson
                ? known : (row.CountsJson, await Store.StripAsync(row, StripLength, Left));
        }
        (_rows, _strips) = (rows, strips);
        _progress = rows.ToDictionary(row => row.Id, row => Store.ProgressOf(row.Id));
        _outlines = rows.ToDictionary(row => row.Id, Store.Outline);
    }

    private async Task AddDemoAsync()
    {
        _isAddingDemo = true;
        try
        {
            var row = await Store.AddDemoAsync(Left);
            Navigation.NavigateTo(FormattableString.Invariant($"/datasets/{row.Id}"));
        }
        catch (DatasetException exception)
        {
            _trouble = exception.Message;
        }
        _isAddingDemo = false;
    }
}

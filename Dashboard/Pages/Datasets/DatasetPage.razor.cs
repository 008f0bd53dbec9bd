using System.Globalization;
using Dashboard.Access.Visitors;
using Dashboard.Datasets;
using Dashboard.Datasets.Imports;
using Dashboard.Pages.Live;
using Dashboard.Storage;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Authorization;
using MudBlazor;
using Training.Core.Data;
using Training.Core.Data.Folders;

namespace Dashboard.Pages.Datasets;

/// <summary>One dataset: what is in it, what is wrong with it, every image of it.</summary>
public sealed partial class DatasetPage : LiveComponent
{
    /// <summary>What a new recipe holds out of a set without splits.</summary>
    private const double UsualValFraction = 0.2;

    private DatasetRow? _row;
    private DatasetOutline _outline = new("", [], new int[0, 3], []);
    private DatasetProgress? _progress;
    private int _loadedId;
    private bool _isLoaded;
    private int? _label;
    private Split? _split;
    private string? _trouble, _closed;
    private Visitor? _visitor;

    [Parameter] public int Id { get; set; }

    [SupplyParameterFromQuery(Name = "label")] private string? LabelText { get; set; }
    [SupplyParameterFromQuery(Name = "split")] private string? SplitText { get; set; }

    [Inject] private DatasetStore Store { get; set; } = default!;
    [Inject] private AllowedFolders Allowed { get; set; } = default!;
    [Inject] private NavigationManager Navigation { get; set; } = default!;
    [Inject] private IDialogService Dialogs { get; set; } = default!;

    [CascadingParameter] private Task<AuthenticationState> State { get; set; } = default!;

    private IReadOnlyList<DatasetProblem> Problems =>
        _row is null || Allowed.MayName(_row, _visitor) ? _outline.Problems : ProblemNames.Without(_outline.Problems);

    private bool CanTrain =>
        _row is { State: DatasetState.Ready } && _closed is null
        && _outline.Problems.All(problem => problem.Severity != ProblemSeverity.Error);

    private string Percent => string.Create(CultureInfo.InvariantCulture, $"{(_progress?.Fraction ?? 0) * 100:F1}%");

    private string Origin => _row!.Origin switch
    {
        DatasetOrigin.Upload => L["Uploaded, in the dashboard's data"],
        DatasetOrigin.Demo => L["Drawn by the dashboard, in its data"],
        _ => L["Folder of this computer, left in place"],
    };

    protected override async Task OnParametersSetAsync()
    {
        _visitor = Visitor.Of((await State).User);
        if (_loadedId != Id) await LoadAsync();
        ReadAddress();
    }

    protected override void OnAfterRender(bool firstRender)
    {
        if (firstRender) Follow(Store.Subscribe, LoadAsync);
    }

    private async Task LoadAsync()
    {
        var id = Id;
        var row = await Store.GetAsync(id, Left);
        if (row is not null && (row.CountsJson != _row?.CountsJson || row.ProblemsJson != _row.ProblemsJson || row.Id != _row.Id))
            _outline = Store.Outline(row);
        (_row, _loadedId, _isLoaded, _progress) = (row, id, true, Store.ProgressOf(id));
        _closed = row is null ? null : Allowed.Closed(row);
        ReadAddress();
    }

    /// <summary>An address may be old or typed: what isn't there filters nothing.</summary>
    private void ReadAddress()
    {
        _label = int.TryParse(LabelText, NumberStyles.None, CultureInfo.InvariantCulture, out var label) && label < _row?.Classes.Count
            ? label : null;
        _split = Enum.TryParse<Split>(SplitText, ignoreCase: true, out var split) && Enum.IsDefined(split) ? split : null;
    }

    private Task RescanAsync() => ReadAsAsync(null);

    /// <param name="layout">How the folder is read from now on; null: as before.</param>
    private async Task ReadAsAsync(string? layout)
    {
        _trouble = null;
        await Store.RescanAsync(Id, layout is null ? null : LayoutChoice.Parse(layout), Left);
        await LoadAsync();
    }

    private async Task OpenAsync()
    {
        if (!AllowedFolders.IsHere(_visitor)) return;
        await Store.OpenFolderAsync(Id, Left);
        await LoadAsync();
    }

    private async Task DeleteAsync()
    {
        _trouble = null;
        if (await Store.UseAsync(Id, Left) is not { } use) return;
        var dialog = await Dialogs.ShowAsync<DeleteDatasetDialog>(L["Delete “{0}”?", _row!.Name], new DialogParameters<DeleteDatasetDialog>
        {
            { d => d.Row, _row }, { d => d.Use, use },
        });
        if (await dialog.Result is not { Canceled: false, Data: bool withFiles }) return;
        try
        {
            // What goes with the files was said in the dialog.
            await Store.DeleteAsync(Id, withFiles, force: withFiles);
            Navigation.NavigateTo("/datasets");
        }
        catch (DatasetException exception)
        {
            _trouble = exception.Message;
        }
    }
}

using System.Globalization;
using Dashboard.Datasets;
using Dashboard.Pages.Live;
using Dashboard.Pages.Shell;
using Dashboard.Runs.Predictions;
using Dashboard.Storage;
using Dashboard.Storage.Outages;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Web;
using Training.Core.Data;
using Training.Core.Metrics.Predictions;

namespace Dashboard.Pages.Review;

/// <summary>One image as large as the screen allows, with all that is known of it; the next ones are fetched ahead.</summary>
public sealed partial class LargeView
{
    /// <summary>Places of a picture that are named: nobody keeps more copies on purpose.</summary>
    private const int MostPlaces = 3;

    private ElementReference _dialog;
    private CancellationTokenSource _looking = new();
    private (int SampleId, int Epochs)? _looked;
    private Sample? _sample;
    private IReadOnlyList<MovedSample> _movedTo = [];
    private bool _isLooked, _isLeft;
    private string? _trouble;
    private IReadOnlyList<SeenAs> _seen = [];

    [Parameter, EditorRequired] public required RunRow Run { get; set; }

    [Parameter, EditorRequired] public required Prediction Prediction { get; set; }

    /// <summary>What the arrow keys walk through; may lack <see cref="Prediction"/>.</summary>
    [Parameter, EditorRequired] public required IReadOnlyList<Prediction> List { get; set; }

    [Parameter, EditorRequired] public required IReadOnlyList<EpochRow> Epochs { get; set; }

    [Parameter, EditorRequired] public int Epoch { get; set; }

    /// <summary>Of the view with this image.</summary>
    [Parameter, EditorRequired] public required ReviewAddress Address { get; set; }

    /// <summary>Gets a place in <see cref="List"/>.</summary>
    [Parameter] public EventCallback<int> Moved { get; set; }

    [Parameter] public EventCallback Closed { get; set; }

    private int Index { get; set; }

    private string FileName => _sample is null
        ? L["Image {0}", Prediction.SampleId]
        : _sample.Path[(_sample.Path.LastIndexOf('/') + 1)..];

    private string DatasetLink => string.Create(CultureInfo.InvariantCulture, $"/datasets/{Run.DatasetId}?label={LabelNow}");

    private int LabelNow => _movedTo is [var newest, ..] ? newest.Label : Prediction.Truth;

    private IEnumerable<int> Ahead => new[] { Index + 1, Index + 2, Index - 1 }
        .Where(i => Index >= 0 && i >= 0 && i < List.Count).Select(i => List[i].SampleId);

    private string EpochLink(int epoch) => (Address with { Epoch = epoch }).ToString();

    protected override async Task OnParametersSetAsync()
    {
        Index = 0;
        while (Index < List.Count && List[Index].SampleId != Prediction.SampleId) Index++;
        if (Index == List.Count) Index = -1;
        if (_looked == (Prediction.SampleId, Epochs.Count)) return;

        if (_looked?.SampleId != Prediction.SampleId) (_sample, _movedTo, _isLooked, _seen) = (null, [], false, []);
        (_looked, _trouble) = ((Prediction.SampleId, Epochs.Count), null);
        var former = _looking;
        _looking = new CancellationTokenSource();
        await former.CancelAsync();
        former.Dispose();
        if (_isLeft) return;
        await LookAsync(Prediction.SampleId, _looking.Token);
    }

    private async Task LookAsync(int sampleId, CancellationToken cancellationToken)
    {
        try
        {
            var sample = await Datasets.SampleAsync(Run.DatasetId, sampleId, cancellationToken);
            var moved = await Datasets.MovedAsync(
                Run.DatasetId, [sampleId], await Contents.ContentsOfAsync(Run.Id, cancellationToken), cancellationToken);
            if (cancellationToken.IsCancellationRequested) return;
            (_sample, _movedTo, _isLooked) = (sample, moved.GetValueOrDefault(sampleId) ?? [], true);
            StateHasChanged();
            var seen = await History.OfAsync(Run, Epochs.Select(e => e.Epoch), sampleId, cancellationToken);
            if (!cancellationToken.IsCancellationRequested) _seen = seen;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
        }
        catch (Exception e) when (Outage.Of(e) is not null)
        {
            // Looked for again when what is away is back.
            if (!cancellationToken.IsCancellationRequested) _looked = null;
            throw;
        }
        catch (Exception e) when (e is InvalidDataException or IOException)
        {
            if (!cancellationToken.IsCancellationRequested) _trouble = e.Message;
        }
    }

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (!firstRender) return;
        await using var script = new ScriptModule(Js, AssetUrl.Of("js/gallery.js"));
        await script.CallAsync("open", _dialog);
    }

    private Task KeyAsync(KeyboardEventArgs e) => e.Key switch
    {
        "ArrowRight" when Index < List.Count - 1 => Moved.InvokeAsync(Index + 1),
        "ArrowLeft" when Index > 0 => Moved.InvokeAsync(Index - 1),
        "Home" when Index != 0 && List.Count > 0 => Moved.InvokeAsync(0),
        "End" when Index != List.Count - 1 && List.Count > 0 => Moved.InvokeAsync(List.Count - 1),
        "Escape" => Closed.InvokeAsync(),
        _ => Task.CompletedTask,
    };

    public void Dispose()
    {
        if (_isLeft) return;
        _isLeft = true;
        _looking.Cancel();
        _looking.Dispose();
    }
}

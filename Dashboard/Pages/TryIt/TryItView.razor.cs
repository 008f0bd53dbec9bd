using System.Globalization;
using Dashboard.Pages.Live;
using Dashboard.Pages.Shell;
using Dashboard.Pages.Wording;
using Dashboard.Runs.TryIt;
using Dashboard.Storage;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Forms;
using Microsoft.Extensions.Localization;
using Microsoft.Extensions.Options;
using Microsoft.JSInterop;
using Training.Core.Metrics;

namespace Dashboard.Pages.TryIt;

/// <summary>Photos that somebody brings, and what the run's model says of them.</summary>
public sealed partial class TryItView
{
    private const int MostAtOnce = 50;
    private const int Named = 5;

    private readonly List<Trial> _trials = [];
    private ElementReference _drop;
    private ScriptModule? _script;
    private bool _hasModel;
    private bool _showsMap = true;
    private bool _isBusy;
    private int _done;
    private int _total;

    [Inject] private ImageTrial Images { get; set; } = default!;
    [Inject] private IOptions<DashboardOptions> Options { get; set; } = default!;
    [Inject] private IStringLocalizer<Words> Words { get; set; } = default!;
    [Inject] private IJSRuntime Js { get; set; } = default!;

    [Parameter, EditorRequired] public RunRow Run { get; set; } = default!;

    private string Command => $"./run.sh export --model {Options.Value.RunFolder(Run.Id).Path}";

    protected override async ValueTask LeaveAsync()
    {
        if (_script is not null) await _script.LeaveAsync("detach");
    }

    protected override void OnParametersSet() => _hasModel = _hasModel || Images.HasModel(Run.Id);

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (!_hasModel || _script is not null) return;
        _script = new ScriptModule(Js, AssetUrl.Of("js/try-it.js"));
        await _script.CallAsync("attach", _drop);
    }

    private async Task TryAsync(InputFileChangeEventArgs chosen)
    {
        var files = chosen.GetMultipleFiles(Math.Max(1, Math.Min(chosen.FileCount, MostAtOnce)));
        (_isBusy, _done, _total) = (true, 0, files.Count);
        try
        {
            foreach (var file in files)
            {
                StateHasChanged();
                _trials.Insert(_done, await TryAsync(file));
                _done++;
            }
            if (chosen.FileCount > MostAtOnce)
                _trials.Insert(0, new Trial(Words["{0} more", chosen.FileCount - MostAtOnce], null, Words["At most {0} photos at a time; "
                    + "the terminal's predict takes any number.", MostAtOnce]));
        }
        catch (OperationCanceledException) when (IsLeft)
        {
            // Nobody looks any more.
        }
        finally
        {
            _isBusy = false;
        }
    }

    private async Task<Trial> TryAsync(IBrowserFile file)
    {
        try
        {
            await using var stream = file.OpenReadStream(ImageTrial.MaxBytes, Left);
            return new Trial(file.Name, await Images.TryAsync(Run.Id, stream, Named, withPicture: true, Left), null);
        }
        catch (ImageException error)
        {
            // The decoder's sentences go on from a file's name.
            return new Trial(file.Name, null, $"{char.ToUpperInvariant(error.Message[0])}{error.Message[1..]}.",
                Words["Save it as JPEG or PNG with another program and bring that, or take the photo again."]);
        }
        catch (NotFiniteException error)
        {
            return new Trial(file.Name, null, error.Message);
        }
        catch (JSException)
        {
            return new Trial(file.Name, null, Words["The browser could not read it."],
                Words["If it is a folder, open it and bring the photos in it."]);
        }
        catch (Exception error) when (error is IOException or InvalidDataException)
        {
            return file.Size > ImageTrial.MaxBytes
                ? new Trial(file.Name, null,
                    Words["It has {0}; at most {1} are taken.", Figures.Bytes(file.Size), Figures.Bytes(ImageTrial.MaxBytes)],
                    Words["Make it smaller with another program: the model looks at a few hundred pixels only."])
                : new Trial(file.Name, null, error.Message);
        }
    }

    private void Clear() => _trials.Clear();

    private static string Width(double part) => string.Create(CultureInfo.InvariantCulture, $"{part * 100:F1}%");

    /// <param name="Problem">Why there is no result.</param>
    /// <param name="Remedy">What may help.</param>
    private sealed record Trial(string Name, TrialResult? Result, string? Problem, string? Remedy = null);
}

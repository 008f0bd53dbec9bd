using Dashboard.Machines;
using Dashboard.Pages.Live;
using Dashboard.Pages.Wording;
using Dashboard.Runs;
using Dashboard.Storage;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Web;
using Microsoft.Extensions.Localization;
using MudBlazor;
using Training.Core.Runs;

namespace Dashboard.Pages.Run;

/// <summary>Name, state, numbers and verbs of a run.</summary>
public sealed partial class RunHeader : LiveComponent
{
    private const int LastLines = 5;

    private IReadOnlyList<LogRow> _lastLines = [];
    private int _linesOf;
    private string? _newName;
    private bool _focusName;
    private ElementReference _nameField;

    [Inject] private RunService Service { get; set; } = default!;
    [Inject] private RunStore Store { get; set; } = default!;
    [Inject] private MachineRegistry Machines { get; set; } = default!;
    [Inject] private IDialogService Dialogs { get; set; } = default!;
    [Inject] private ISnackbar Snackbar { get; set; } = default!;
    [Inject] private NavigationManager Navigation { get; set; } = default!;
    [Inject] private IStringLocalizer<Words> Words { get; set; } = default!;

    [Parameter, EditorRequired] public RunRow Run { get; set; } = default!;
    [Parameter, EditorRequired] public IReadOnlyList<EpochRow> Epochs { get; set; } = [];

    private bool WaitsForRoom => FullDisk.IsWaiting(Run.Phase);

    private string CloneUrl => $"/new?clone={Run.Id}";

    private double Fraction => Run.State == RunState.Preparing ? Run.PhaseFraction ?? 0 : RunProgress.Of(Run, Time.GetUtcNow()).Fraction;

    private IEnumerable<RunFact> Facts => RunFacts.Of(Run, Machines.Get(Run.Machine), Time.GetUtcNow(), Words);

    protected override async Task OnParametersSetAsync()
    {
        if (Run.State != RunState.Failed || _linesOf == Run.Id) return;
        _lastLines = await Store.LogAsync(Run.Id, LastLines, Left);
        _linesOf = Run.Id;
    }

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (firstRender) Follow(Machines.Subscribe, () => Task.CompletedTask, TimeSpan.FromSeconds(1));
        if (_newName is null) _focusName = true;
        else if (_focusName)
        {
            _focusName = false;
            await _nameField.FocusAsync();
        }
    }

    private Task StopAsync() => OnceAsync(async () =>
    {
        var kept = Run.BestEpoch is { } best
            ? Words["The best weights so far (epoch {0}, {1}), the curves and the predictions are kept.", best,
                Figures.Percent(Run.BestValAccuracy)]
            : Run.State == RunState.Queued && Run.Attempt == 0
            ? Words["It has not begun."] : Words["No epoch is finished yet, so there are no weights to keep."];
        if (await AskAsync(Words["Stop this run?"], kept, Words["Stop the run"], Words["Let it go on"]))
            Say(await Service.StopAsync(Run.Id));
    });

    private Task PauseAsync() => OnceAsync(async () => Say(await Service.PauseAsync(Run.Id)) && false);

    private Task ResumeAsync() => OnceAsync(async () => Say(await Service.ResumeAsync(Run.Id)) && false);

    private Task DeleteAsync() => OnceAsync(async () =>
    {
        var lost = Epochs.Count > 0
            ? Words["“{0}” goes with its weights, its curves, its log and the predictions of {1}, for good. The dataset stays.", Run.Name,
                Figures.Counted(Epochs.Count, "1 epoch", "{0} epochs", Words)]
            : Words["“{0}” goes with its curves and its log, for good. The dataset stays.", Run.Name];
        if (!await AskAsync(Words["Delete this run?"], lost, Words["Delete the run"], Words["Keep it"])) return false;
        // Back must not lead to a run that is gone.
        if (!Say(await Service.DeleteAsync(Run.Id))) return false;
        Navigation.NavigateTo("/", replace: true);
        return true;
    });

    private async Task<bool> AskAsync(string question, string consequence, string yes, string no) =>
        await Dialogs.ShowMessageBoxAsync(question, consequence, yesText: yes, cancelText: no) == true;

    private async Task RenameAsync()
    {
        var name = _newName?.Trim() ?? "";
        _newName = null;
        if (name.Length == 0 || name == Run.Name) return;
        try
        {
            await Service.RenameAsync(Run.Id, name);
        }
        catch (RecipeException refused)
        {
            Snackbar.Add(refused.Message, Severity.Warning);
        }
    }

    /// <summary>The run may be further on than what was seen here when somebody clicked.</summary>
    /// <returns>Whether it is done, or was already.</returns>
    private bool Say(CommandResult result)
    {
        if (result.Problem is { } problem) Snackbar.Add(problem, Severity.Info);
        return result.Problem is null;
    }

    private void NameKey(KeyboardEventArgs key)
    {
        if (key.Key == "Escape") _newName = null;
    }
}

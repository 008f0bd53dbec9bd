using System.Globalization;
using System.Text.Json;
using Dashboard.Datasets;
using Dashboard.Machines;
using Dashboard.Machines.Devices;
using Dashboard.Pages.Live;
using Dashboard.Pages.Wording;
using Dashboard.Runs;
using Dashboard.Runs.Submission;
using Dashboard.Storage;
using Dashboard.Terminal;
using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.Options;
using Training.Core.Data;
using Training.Core.Recipes;

namespace Dashboard.Pages.NewRun;

/// <summary>The form that starts a run. Dataset, clone, mode and preset stand in the address; the rest is the draft.</summary>
public sealed partial class NewRunPage : LiveComponent
{
    private const int SamplesShown = 8;

    private readonly List<string> _notices = [];
    private IReadOnlyList<DatasetRow> _datasets = [];
    private List<Sample> _samples = [];
    private IReadOnlyList<RecipeProblem> _problems = [];
    private RecipeDraft _draft = new(Presets.DefaultOf(TrainingMode.Transfer));
    private DatasetRow? _dataset;
    private DatasetOutline? _outline;
    private string? _clonedName;
    private (int? Clone, int? StartFrom, string? Mode, string? Preset)? _shown;
    private int _check;
    /// <summary>Of this form: however often it is sent, it makes one run.</summary>
    private readonly string _key = Guid.NewGuid().ToString("N");
    private bool _loaded, _busy, _advanced, _built;

    [Inject] private DatasetStore Datasets { get; set; } = default!;
    [Inject] private RunService Runs { get; set; } = default!;
    [Inject] private MachineSpeeds Speeds { get; set; } = default!;
    [Inject] private MachineRegistry Machines { get; set; } = default!;
    [Inject] private NavigationManager Navigation { get; set; } = default!;
    [Inject] private IOptions<DashboardOptions> Options { get; set; } = default!;

    /// <summary>Id or name.</summary>
    [SupplyParameterFromQuery] public string? Dataset { get; set; }

    /// <summary>Id of the run whose settings to start from.</summary>
    [SupplyParameterFromQuery] public int? Clone { get; set; }

    /// <summary>Id of the run whose model to start from.</summary>
    [SupplyParameterFromQuery] public int? StartFrom { get; set; }

    /// <summary>Settings that the form starts with, as "field=value;field=value".</summary>
    [SupplyParameterFromQuery(Name = "set")] public string? Settings { get; set; }

    [SupplyParameterFromQuery] public string? Mode { get; set; }

    [SupplyParameterFromQuery] public string? Preset { get; set; }

    /// <summary>Once it was open, it keeps what goes on in it.</summary>
    private bool IsBuilt => _built |= _advanced;

    private List<string> DatasetErrors =>
        [.. Of("dataset", ProblemSeverity.Error).Select(problem => $"{problem.Message} {problem.Remedy}")];

    /// <summary>A text that can't be read hides what the check says of the value before it.</summary>
    private IEnumerable<RecipeProblem> All =>
        _draft.Unreadable.Concat(_problems.Where(problem => _draft.Unreadable.All(unreadable => unreadable.Field != problem.Field)));

    private double ShownValFraction => double.IsFinite(_draft.Recipe.ValFraction) ? Math.Clamp(_draft.Recipe.ValFraction, 0, 1) : 0;

    private string DefaultName => _dataset is null ? "" : RecipeName.Default(_dataset.Name, _draft.Recipe);

    private string? Command =>
        _dataset is null || _outline is null
        ? null : TerminalCommand.Of(InTerminal(_draft.Recipe), _dataset.Root, _outline, DatasetStore.LayoutOf(_dataset));

    /// <summary>The terminal knows no runs: it takes a model's folder.</summary>
    private Recipe InTerminal(Recipe recipe) => int.TryParse(recipe.StartFrom, CultureInfo.InvariantCulture, out var run)
        ? recipe with { StartFrom = Options.Value.RunFolder(run).Path } : recipe;

    private bool CanSearch => _outline is not null && All.All(problem => problem.Severity != ProblemSeverity.Error);

    private double? Estimate => EstimateOf(_draft.Recipe);

    private string Waiting => _outline is null ? L["depends on the dataset"]
        : Options.Value.TrainHere ? L["this machine's speed is being measured"] : L["unknown: this machine doesn't train"];

    private FieldInfo MachineField =>
        new("machine", "Machine",
            "Which computer trains it; any takes the first that is free. A run that names one waits for it, even while it is away.",
        [(Recipe.AnyMachine, "Any machine"), (Recipe.AnyGpu, "Any GPU"), (Recipe.AnyCpu, "Any processor"),
            .. Machines.Machines.Select(machine => (machine.Name, machine.Name)),
            .. Machines.Clusters.Select(cluster => (cluster, $"{cluster} (Slurm)"))]);

    protected override async Task OnParametersSetAsync()
    {
        if (!_loaded) _datasets = await Datasets.ListAsync(Left);
        var before = _shown;
        try
        {
            if (_shown != (Clone, StartFrom, Mode, Preset)) await BuildAsync();
        }
        catch
        {
            // Built anew when what is away is back.
            _shown = before;
            throw;
        }
        await UseDatasetAsync(await WantedDatasetAsync());
        _loaded = true;
        await CheckAsync();
    }

    protected override void OnAfterRender(bool firstRender)
    {
        if (!firstRender) return;
        Follow(Datasets.Subscribe, ReloadAsync, TimeSpan.FromSeconds(1));
        // The estimate appears when the measurement is done; machines report every 2 seconds anyway.
        Follow(Machines.Subscribe, () => Task.CompletedTask, TimeSpan.FromSeconds(2));
    }

    private async Task BuildAsync()
    {
        var isNew = _shown is null || _shown.Value.Clone != Clone || _shown.Value.StartFrom != StartFrom;
        _shown = (Clone, StartFrom, Mode, Preset);
        if (isNew)
        {
            _notices.Clear();
            var cloned = Clone is { } id ? await Runs.CloneRecipeAsync(id, Left) : null;
            if (Clone is not null && cloned is null)
                _notices.Add(L["There is no run {0}; it may have been deleted. The form starts from a preset.", Clone]);
            _clonedName = cloned is null ? null : cloned.Name ?? Clone!.Value.ToString(CultureInfo.InvariantCulture);
            // Two runs of one name can't be told apart: a clone gets a name of its own.
            _draft = cloned is null
                ? new RecipeDraft(Presets.DefaultOf(TrainingMode.Transfer)) : RecipeDraft.Of(cloned with { Name = null });
            _advanced = _draft.Edited.Any(RecipeFields.IsAdvanced);
        }
        if (WantedPreset() is { } preset && (!isNew || preset != _draft.Preset || Clone is null)) _draft.Take(preset);
        if (isNew && StartFrom is { } source) await StartFromAsync(source);
        if (isNew) TakeSettings();
    }

    /// <summary>The form continues with the source's data, backbone and image size; the rest is the preset's.</summary>
    private async Task StartFromAsync(int source)
    {
        _draft.Set("startFrom", source.ToString(CultureInfo.InvariantCulture));
        if (await Runs.CloneRecipeAsync(source, Left) is not { } recipe) return;
        foreach (var field in new[] { "backbone", "imageSize", "resize", "fullDecode" })
            _draft.Set(field, RecipeSetting.Read(recipe, field));
        _draft.Use(recipe.Dataset, null);
    }

    private void TakeSettings()
    {
        foreach (var setting in (Settings ?? "").Split(';', StringSplitOptions.RemoveEmptyEntries))
        {
            var at = setting.IndexOf('=', StringComparison.Ordinal);
            if (at < 1 || !RecipeSetting.Fields.Contains(setting[..at])) continue;
            _draft.Set(setting[..at], setting[(at + 1)..]);
            _advanced = true;
        }
    }

    private Preset? WantedPreset()
    {
        if (Preset is not null
            && Presets.All.FirstOrDefault(preset =>
                preset.Name.Equals(Preset, StringComparison.OrdinalIgnoreCase)) is { } named) return named;
        return Enum.TryParse<TrainingMode>(Mode, ignoreCase: true, out var mode) && Enum.IsDefined(mode) ? Presets.DefaultOf(mode)
            : StartFrom is not null && Clone is null ? Presets.DefaultOf(TrainingMode.FineTune) : null;
    }

    private async Task<DatasetRow?> WantedDatasetAsync()
    {
        var wanted = Dataset ?? (_draft.Recipe.Dataset.Length > 0 ? _draft.Recipe.Dataset : null);
        if (wanted is null)
            return _datasets.FirstOrDefault(row => row.State == DatasetState.Ready) ?? (_datasets.Count > 0 ? _datasets[0] : null);
        if (await Datasets.FindAsync(wanted, Left) is { } row) return row;
        string notice = L["There is no dataset {0}; it may have been deleted. Choose another one.", wanted];
        if (!_notices.Contains(notice)) _notices.Add(notice);
        return null;
    }

    private async Task UseDatasetAsync(DatasetRow? row)
    {
        var changed = row?.Id != _dataset?.Id || row?.State != _dataset?.State || _samples.Count == 0;
        _dataset = row;
        _outline = row is { State: DatasetState.Ready } ? Datasets.Outline(row) : null;
        _draft.Use(row?.Id.ToString(CultureInfo.InvariantCulture) ?? "", _outline);
        if (!changed) return;
        var samples = new List<Sample>();
        for (var label = 0; _outline is not null && label < Math.Min(SamplesShown, _outline.Classes.Count); label++)
            samples.AddRange(await Datasets.SamplesAsync(row!.Id, label, take: 1, cancellationToken: Left));
        _samples = samples;
    }

    private async Task ReloadAsync()
    {
        _datasets = await Datasets.ListAsync(Left);
        var row = _dataset is null ? await WantedDatasetAsync() : _datasets.FirstOrDefault(row => row.Id == _dataset.Id);
        await UseDatasetAsync(row);
        await CheckAsync();
    }

    private async Task CheckAsync()
    {
        var number = ++_check;
        var problems = _dataset is null && _datasets.Count == 0 ? [] : await Runs.CheckAsync(_draft.Recipe, Left);
        // While this check ran, someone typed on: only the last one counts.
        if (number == _check) _problems = problems;
        // What keeps the run from starting is never folded away.
        _advanced |= All.Any(problem => problem.Severity == ProblemSeverity.Error && RecipeFields.IsAdvanced(problem.Field));
    }

    private async Task StartAsync()
    {
        // A second click may be on its way already.
        if (_busy) return;
        _busy = true;
        try
        {
            var recipe = _draft.Recipe;
            var run = await Runs.SubmitAsync(
                recipe with { Name = string.IsNullOrWhiteSpace(recipe.Name) ? DefaultName : recipe.Name }, _key, Left);
            // Stays busy: what was clicked since is for nobody.
            Navigation.NavigateTo(string.Create(CultureInfo.InvariantCulture, $"/runs/{run.Id}"));
        }
        catch (RecipeException refused)
        {
            _problems = refused.Problems;
            _busy = false;
        }
        catch
        {
            _busy = false;
            throw;
        }
    }

    private Task SetAsync(string field, string? text)
    {
        _draft.Set(field, text);
        return CheckAsync();
    }

    private Task ResetAsync()
    {
        _draft.Reset();
        return CheckAsync();
    }

    private void ChooseDataset(int? id) => Go("dataset", id?.ToString(CultureInfo.InvariantCulture));

    private void ChoosePreset(Preset preset)
    {
        var isDefault = Presets.DefaultOf(preset.Mode) == preset;
        Navigation.NavigateTo(Navigation.GetUriWithQueryParameters(new Dictionary<string, object?>
        {
            ["mode"] = JsonNamingPolicy.CamelCase.ConvertName(preset.Mode.ToString()), ["preset"] = isDefault ? null : preset.Name,
        }), replace: true);
    }

    private void Go(string key, string? value) => Navigation.NavigateTo(Navigation.GetUriWithQueryParameter(key, value), replace: true);

    private void ToggleAdvanced() => _advanced = !_advanced;

    private void Unfold(string field) => _advanced |= RecipeFields.IsAdvanced(field);

    private Task TakeAsync(IReadOnlyList<(string Field, string Text)> better)
    {
        foreach (var (field, text) in better) _draft.Set(field, text);
        return CheckAsync();
    }

    private double? EstimateOf(Preset preset) => _outline is null ? null
        : EstimateOf(preset.Apply(_draft.Recipe).FitTo(_outline));

    private double? EstimateOf(Recipe recipe) =>
        _outline is not null && Speeds.Get(recipe.Machine) is { } speed ? RunDuration.Estimate(recipe, _outline, speed) : null;

    private bool IsShown(FieldInfo field) => field.IsShown(_draft.Recipe, _outline) || All.Any(problem => problem.Field == field.Name);

    private List<RecipeProblem> Of(string field) => [.. All.Where(problem => problem.Field == field)];

    private List<RecipeProblem> Of(string field, ProblemSeverity severity) => [.. Of(field).Where(problem => problem.Severity == severity)];

    private string NameOf(int? id) => _datasets.FirstOrDefault(row => row.Id == id)?.Name ?? "";

    private string Note(DatasetRow row) => row.State switch
    {
        DatasetState.Ready =>
            $"{Figures.Counted(row.Classes.Count, "1 class", "{0} classes", L)}, "
                + $"{Figures.Counted(Datasets.Outline(row).Total, "1 image", "{0} images", L)}",
        DatasetState.Scanning => row.Message.Length > 0 ? row.Message : L["is being looked through"],
        _ => L["can't be used"],
    };
}

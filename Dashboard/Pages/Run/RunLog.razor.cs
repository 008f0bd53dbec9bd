using Dashboard.Pages.Live;
using Dashboard.Pages.Shell;
using Dashboard.Runs;
using Dashboard.Storage;
using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;
using Training.Core.Runs;

namespace Dashboard.Pages.Run;

/// <summary>The run's log, live. js/log.js keeps the newest line in sight until someone scrolls up.</summary>
public sealed partial class RunLog : LiveComponent
{
    private const int Limit = 2000;

    /// <summary>Of all lines that are shown, markup and escaped letters not counted.</summary>
    private const int MostCharacters = 150_000;

    private IReadOnlyList<LogRow> _lines = [];
    private ElementReference _box;
    private int _loaded;
    private bool _isCut;

    [Inject] private RunStore Store { get; set; } = default!;
    [Inject] private RunFeed Feed { get; set; } = default!;
    [Inject] private IJSRuntime Js { get; set; } = default!;

    [Parameter, EditorRequired] public RunRow Run { get; set; } = default!;

    protected override async Task OnParametersSetAsync()
    {
        // The page hands a fresh row after every step; the log has its own, slower pace.
        if (_loaded == Run.Id) return;
        _loaded = Run.Id;
        await LoadAsync();
    }

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (!firstRender) return;
        Follow(changed => Feed.Subscribe(Run.Id, changed), LoadAsync, TimeSpan.FromSeconds(1));
        await using var script = new ScriptModule(Js, AssetUrl.Of("js/log.js"));
        await script.CallAsync("attach", _box);
    }

    private async Task LoadAsync() => _lines = Newest(await Store.LogAsync(Run.Id, Limit, Left));

    /// <summary>A trainer that writes pages into each line must not make one of many megabytes.</summary>
    private IReadOnlyList<LogRow> Newest(IReadOnlyList<LogRow> lines)
    {
        var (first, characters) = (lines.Count, 0);
        while (first > 0 && (characters += lines[first - 1].Text.Length) <= MostCharacters) first--;
        _isCut = first > 0 || lines.Count == Limit;
        return [.. lines.Skip(first)];
    }

    private static string Class(RunLogLevel level) => level switch
    {
        RunLogLevel.Error => "error",
        RunLogLevel.Warning => "warning",
        _ => "",
    };

    private static string Word(RunLogLevel level) => level switch
    {
        RunLogLevel.Error => "Error: ",
        RunLogLevel.Warning => "Warning: ",
        _ => "",
    };
}

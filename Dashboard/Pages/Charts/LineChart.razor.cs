using Dashboard.Pages.Live;
using Dashboard.Pages.Shell;
using Dashboard.Pages.Wording;
using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.Localization;
using Microsoft.JSInterop;
using Training.Core.Metrics;

namespace Dashboard.Pages.Charts;

/// <summary>
/// A card with lines over steps, drawn by ApexCharts through js/line-chart.js. Knows what the browser has and sends only what is new;
/// y values that are not numbers are gaps, and the first one of a line is marked with its step.
/// </summary>
public sealed partial class LineChart : IAsyncDisposable
{
    private readonly Dictionary<string, IReadOnlyList<CurvePoint>> _sent = [];
    private readonly HashSet<string> _hidden = [];
    private ElementReference _element;
    private DotNetObjectReference<LineChart>? _self;
    private ScriptModule? _script;
    private ChartSettings? _sentSettings;
    private ChartList<ChartLine>? _sentLines;
    private string? _failure;
    private bool _sending;
    private bool _left;

    [Inject] private IJSRuntime Js { get; set; } = default!;
    [Inject] private IStringLocalizer<Words> Localizer { get; set; } = default!;

    [Parameter, EditorRequired] public string Title { get; set; } = "";
    [Parameter, EditorRequired] public IReadOnlyList<ChartSeries> Series { get; set; } = [];
    [Parameter] public IReadOnlyList<ChartMark> Marks { get; set; } = [];
    [Parameter] public ChartFormat Format { get; set; }
    [Parameter] public bool Log { get; set; }

    /// <summary>Steps per unit of the x axis (steps per epoch); 1 shows steps.</summary>
    [Parameter] public double XScale { get; set; } = 1;
    [Parameter] public string XLabel { get; set; } = "";

    /// <summary>Where the x axis ends at least, in steps, so that charts beside each other agree; null: at the last point.</summary>
    [Parameter] public double? Last { get; set; }

    /// <summary>The part that is shown, its ends on ticks (<see cref="ChartRange.ToTicks"/>); null: all.</summary>
    [Parameter] public ChartRange? Zoom { get; set; }

    /// <summary>Someone dragged over a part of the chart.</summary>
    [Parameter] public EventCallback<ChartRange> OnZoom { get; set; }
    [Parameter] public int Height { get; set; } = 260;
    [Parameter] public RenderFragment? Actions { get; set; }

    /// <summary>Said while there is no point.</summary>
    [Parameter] public string? Nothing { get; set; }

    private bool IsEmpty => Series.All(line => line.Data.Points.Count == 0);

    /// <summary>What a screen reader says: the newest value of each line.</summary>
    private string Summary => Title + ": " + string.Join(", ", Series
        .Where(line => line.Data.Points.Count > 0).Select(line => $"{line.Name} {Text(line.Data.Points[^1].Y)}"));

    [JSInvokable]
    public Task Zoomed(double from, double to) => _left ? Task.CompletedTask : OnZoom.InvokeAsync(new ChartRange(from, to));

    public async ValueTask DisposeAsync()
    {
        _left = true;
        if (_script is not null) await _script.LeaveAsync("destroy", _element);
        _self?.Dispose();
    }

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        // While one change travels the next waits: what is sent then is compared with what has arrived.
        if (_sending || _failure is not null || (IsEmpty && _self is null)) return;
        _sending = true;
        try
        {
            while (!_left && NextChange() is { IsEmpty: false } change) await SendAsync(change);
        }
        catch (JSException e)
        {
            _failure = e.Message.Split('\n')[0];
            StateHasChanged();
        }
        finally
        {
            _sending = false;
        }
    }

    private async Task SendAsync(ChartChange change)
    {
        if (_self is not null)
        {
            await _script!.CallAsync("update", _element, change);
            return;
        }
        _self = DotNetObjectReference.Create(this);
        _script = new ScriptModule(Js, AssetUrl.Of("js/line-chart.js"));
        await _script.CallAsync("create", _element, _self, change);
    }

    private ChartChange NextChange()
    {
        var settings = Settings();
        var lines = new ChartList<ChartLine>(
            Series.Select(line => new ChartLine(line.Key, line.Name, line.Colour, line.Markers, line.Level)));
        var points = new List<ChartPoints>();
        foreach (var line in Series)
        {
            if (ChartPoints.Between(line.Key, _sent.GetValueOrDefault(line.Key, []), line.Data.Points) is { } change) points.Add(change);
            _sent[line.Key] = line.Data.Points;
        }
        var result = new ChartChange(settings.Equals(_sentSettings) ? null : settings, lines.Equals(_sentLines) ? null : lines, points);
        (_sentSettings, _sentLines) = (settings, lines);
        return result;
    }

    private ChartSettings Settings() => new(
        Height, Log, Format == ChartFormat.Percent ? "percent" : "number", XLabel, Localizer["step"], XScale, Last, Zoom?.From, Zoom?.To,
        new(_hidden.Order(StringComparer.Ordinal)), new([.. Marks, .. Series.SelectMany(NotNumbers)]));

    /// <summary>The first value of a line that is not a number: what follows is a gap, and a gap without a word would be a lie.</summary>
    private IEnumerable<ChartMark> NotNumbers(ChartSeries line)
    {
        foreach (var point in line.Data.Points)
        {
            if (double.IsFinite(point.Y)) continue;
            yield return new ChartMark(point.X, Localizer["{0} at step {1}", Figures.Number(point.Y), point.X], "--bad");
            yield break;
        }
    }

    private string Text(double value) => Format == ChartFormat.Percent ? Figures.Percent(value) : Figures.Number(value);

    private void Toggle(string key)
    {
        if (!_hidden.Remove(key)) _hidden.Add(key);
    }
}

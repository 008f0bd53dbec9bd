using System.Globalization;
using Dashboard.Pages.Charts;
using Dashboard.Pages.Wording;
using Dashboard.Runs;
using Dashboard.Storage;
using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.Localization;
using Training.Core.Metrics;

namespace Dashboard.Pages.Run;

/// <summary>
/// Loss, accuracy and rate over the epochs. Reads the store whenever the page hands it a fresh run; a zoom asks for the finer points
/// of its range. Smoothing, scale and zoom stand in the URL.
/// </summary>
public sealed partial class RunCurves
{
    /// <summary>A bucket gives up to three points: about one per pixel of a chart half a screen wide.</summary>
    private const int Buckets = 300;

    private IReadOnlyList<AttemptRow> _attempts = [];
    private IReadOnlyList<ChartSeries> _loss = [];
    private IReadOnlyList<ChartSeries> _accuracy = [];
    private IReadOnlyList<ChartSeries> _rate = [];
    private IReadOnlyList<ChartSeries> _speed = [];

    [Inject] private RunStore Store { get; set; } = default!;
    [Inject] private NavigationManager Navigation { get; set; } = default!;
    [Inject] private IStringLocalizer<Words> Words { get; set; } = default!;

    [Parameter, EditorRequired] public RunRow Run { get; set; } = default!;
    [Parameter, EditorRequired] public IReadOnlyList<EpochRow> Epochs { get; set; } = [];

    [SupplyParameterFromQuery(Name = "smooth")] private double? Smooth { get; set; }
    [SupplyParameterFromQuery(Name = "log")] private bool Log { get; set; }
    [SupplyParameterFromQuery(Name = "speed")] private bool Speed { get; set; }
    [SupplyParameterFromQuery(Name = "from")] private double? From { get; set; }
    [SupplyParameterFromQuery(Name = "to")] private double? To { get; set; }

    private ChartRange? Asked => From is { } from && To is { } to && to > from ? new ChartRange(Math.Max(from, 0), to) : null;

    /// <summary>What was asked for, wide enough that the axis begins and ends with a tick.</summary>
    private ChartRange? Zoom => Asked?.ToTicks(XScale);

    private double StepsPerEpoch => Math.Max(Run.StepsPerEpoch, 1);

    /// <summary>Steps per unit of the x axis: an epoch, or a step where less than two epochs are shown.</summary>
    private double XScale => Asked is { } range && range.To - range.From < 2 * StepsPerEpoch ? 1 : StepsPerEpoch;

    private string XLabel => XScale > 1 ? Words["epoch"] : Words["step"];

    private string Shown(ChartRange range)
    {
        var (from, to) = (Figures.Count((long)Math.Round(range.From / XScale)), Figures.Count((long)Math.Round(range.To / XScale)));
        return XScale > 1 ? Words["Epochs {0}–{1}", from, to] : Words["Steps {0}–{1}", from, to];
    }

    /// <summary>The end of the epoch that runs: it moves once an epoch, and all charts with it.</summary>
    private double Last => Math.Ceiling(Run.Step / StepsPerEpoch) * StepsPerEpoch;

    private IReadOnlyList<ChartMark> Marks =>
    [
        .. Interruptions(),
        .. Epochs.Where(epoch => epoch.Epoch == Run.BestEpoch)
            .Select(best => new ChartMark(best.Step, Words["best, epoch {0}", best.Epoch], "--c3")),
    ];

    private string Waiting => Run.State.IsEnded()
        ? Words["No step was trained."]
        : Words["The first point comes with the first training step."];

    protected override async Task OnParametersSetAsync()
    {
        var smooth = Math.Clamp(Smooth ?? 0, 0, 0.999);
        var loss = await ViewAsync(RunSeries.TrainLoss, smooth);
        var epochLoss = await ViewAsync(RunSeries.ValLoss);
        _loss =
        [
            new("trainLoss", smooth > 0 ? Words["training, smoothed"] : Words["training"], "--c1", loss),
            new("valLoss", Words["validation"], "--c2", epochLoss, Markers: true),
        ];
        if (Run.Attempt != _attempts.Count) _attempts = Run.Attempt > 1 ? await Store.AttemptsAsync(Run.Id) : [];
        _accuracy = [new("valAccuracy", Words["validation"], "--c2", await ViewAsync(RunSeries.ValAccuracy), Markers: true), .. Probe()];
        _rate = [new("learningRate", Words["rate of the head"], "--c4", await ViewAsync(RunSeries.LearningRate))];
        if (Speed)
            _speed = [new("imagesPerSecond", RunFacts.TrainsOnFeatures(Run.Recipe)
                ? Words["last layer, on cached features"] : Words["training"], "--c1", await ViewAsync(RunSeries.ImagesPerSecond, smooth))];
    }

    /// <summary>Each attempt with the one that went on after it.</summary>
    private IEnumerable<(AttemptRow Before, AttemptRow After)> Gaps => _attempts.Zip(_attempts.Skip(1));

    private IEnumerable<ChartMark> Interruptions() => Gaps.Select(gap => new ChartMark(
        gap.After.FirstStep, gap.Before.Died
        ? Words["interrupted, {0}", Gap(gap.Before, gap.After)] : Words["paused, {0}", Gap(gap.Before, gap.After)], "--warn"));

    private string Gap(AttemptRow before, AttemptRow after) =>
        Figures.Duration(after.StartedAt - (before.EndedAt ?? after.StartedAt), Words);

    /// <summary>Without the lines of the log, which the log's tab has.</summary>
    private string Cause(AttemptRow attempt) =>
        attempt.Reason.Length > 0 ? attempt.Reason.Split('\n')[0] : Words["Nobody knows why it ended."];

    /// <summary>What the head alone reaches on frozen features: the line that fine-tuning has to beat.</summary>
    private IEnumerable<ChartSeries> Probe()
    {
        if (Epochs.FirstOrDefault(epoch => epoch.Epoch == 0) is not { } probe || Last <= 0) yield break;
        var line = new CurveView(1, [new(0, probe.ValAccuracy), new(Last, probe.ValAccuracy)], 2);
        yield return new("probe", Words["frozen probe, the line to beat"], "--c4", line, Level: true);
    }

    private Task<CurveView> ViewAsync(RunSeries series, double smoothing = 0) =>
        Store.CurveAsync(Run.Id, series, Zoom?.From, Zoom?.To, Buckets, smoothing);

    private void ZoomTo(ChartRange range) => Set(("from", Math.Floor(range.From)), ("to", Math.Ceiling(range.To)));

    private void ShowAll() => Set(("from", null), ("to", null));

    private void Smoothen(ChangeEventArgs e) => Set(("smooth", e.Value is string and not "0" ? e.Value : null));

    private void SwitchLog() => Set(("log", Log ? null : (object)true));

    private void SwitchSpeed() => Set(("speed", Speed ? null : (object)true));

    private void Set(params (string Name, object? Value)[] values) =>
        Navigation.NavigateTo(Navigation.GetUriWithQueryParameters(values.ToDictionary(value => value.Name, value => value.Value)),
            replace: true);

    private static string Number(double value) => value.ToString("0.##", CultureInfo.InvariantCulture);
}

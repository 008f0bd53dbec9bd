// Replaced by LineChart.razor; the types here are what pages hand over.
using Training.Core.Metrics;

namespace Dashboard.Charts;

/// <summary>One line of a chart.</summary>
/// <param name="Key">Stable id in the chart, such as "trainLoss".</param>
/// <param name="Name">Shown in the legend.</param>
/// <param name="Colour">A CSS variable of app.css, such as "--c1".</param>
/// <param name="Markers">Whether points are marked (per-epoch series).</param>
public sealed record ChartSeries(string Key, string Name, string Colour, CurveView Data, bool Markers = false);

using Training.Core.Metrics;

namespace Dashboard.Pages.Charts;

/// <summary>One line of a chart.</summary>
/// <param name="Key">Stable id in the chart, such as "trainLoss".</param>
/// <param name="Name">Shown in the legend.</param>
/// <param name="Colour">A CSS variable of app.css, such as "--c1".</param>
/// <param name="Markers">Whether points are marked (per-epoch series).</param>
/// <param name="Level">Whether the line is one value to compare with: its ends are no measured points.</param>
public sealed record ChartSeries(string Key, string Name, string Colour, CurveView Data, bool Markers = false, bool Level = false);

/// <summary>A vertical line with a word, such as the best epoch.</summary>
/// <param name="X">In steps.</param>
/// <param name="Colour">A CSS variable of app.css.</param>
public sealed record ChartMark(double X, string Text, string Colour);

/// <summary>How y values are written.</summary>
public enum ChartFormat { Number, Percent }

using Training.Core.Metrics;

namespace Dashboard.Pages.Charts;

/// <summary>What the browser is told: only what it doesn't know yet. The property names are those that js/line-chart.js reads.</summary>
/// <param name="Settings">Null: as before.</param>
/// <param name="Lines">Null: as before.</param>
internal sealed record ChartChange(ChartSettings? Settings, IReadOnlyList<ChartLine>? Lines, IReadOnlyList<ChartPoints> Points)
{
    public bool IsEmpty => Settings is null && Lines is null && Points.Count == 0;
}

internal sealed record ChartSettings(
    int Height, bool Log, string Format, string XLabel, string StepWord, double XScale, double? Last, double? From, double? To,
    ChartList<string> Hidden, ChartList<ChartMark> Marks);

internal sealed record ChartLine(string Key, string Name, string Colour, bool Markers, bool Level);

/// <param name="Keep">How many of the points that the browser has stay.</param>
/// <param name="Tail">x, y, x, y … of those that follow; a y that is not a number is null.</param>
internal sealed record ChartPoints(string Key, int Keep, double?[] Tail)
{
    /// <summary>What turns <paramref name="known"/> into <paramref name="now"/>; null when they are equal.</summary>
    public static ChartPoints? Between(string key, IReadOnlyList<CurvePoint> known, IReadOnlyList<CurvePoint> now)
    {
        var keep = 0;
        // Equals, not ==: a NaN that is still a NaN has not changed.
        while (keep < known.Count && keep < now.Count && known[keep].Equals(now[keep])) keep++;
        if (keep == known.Count && keep == now.Count) return null;
        var tail = new double?[(now.Count - keep) * 2];
        for (var i = keep; i < now.Count; i++)
        {
            tail[(i - keep) * 2] = now[i].X;
            tail[(i - keep) * 2 + 1] = double.IsFinite(now[i].Y) ? now[i].Y : null;
        }
        return new ChartPoints(key, keep, tail);
    }
}

/// <summary>A list that equals another with the same items, so that settings can be compared as a whole.</summary>
internal sealed class ChartList<T>(IEnumerable<T> items) : List<T>(items), IEquatable<ChartList<T>>
{
    public bool Equals(ChartList<T>? other) => other is not null && this.SequenceEqual(other);

    public override bool Equals(object? obj) => Equals(obj as ChartList<T>);

    public override int GetHashCode() => Count;
}

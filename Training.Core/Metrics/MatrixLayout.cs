using System.Globalization;

namespace Training.Core.Metrics;

public enum MatrixOrder { MostConfused, Name, Support }

/// <summary>
/// A confusion matrix in an order, cut to a window of classes that a screen can hold; all classes outside of it are summed up in one
/// last row and column, so that every row still adds up to its class.
/// </summary>
public sealed class MatrixLayout
{
    /// <summary>More than this many cells a side are neither readable nor clickable.</summary>
    public const int Window = 40;

    /// <summary>As people count: "class 2" before "class 10".</summary>
    private static StringComparer Natural =>
        StringComparer.Create(CultureInfo.CurrentCulture, CompareOptions.IgnoreCase | CompareOptions.NumericOrdering);

    private readonly int[,] _counts;
    private readonly int[] _rowTotals;
    private readonly int _largest;

    private MatrixLayout(int[] order, int from, int[,] counts)
    {
        (From, Total, _counts) = (from, order.Length, counts);
        Shown = order[from..Math.Min(order.Length, from + Window)];
        HasOthers = Shown.Count < order.Length;
        _rowTotals = [.. Enumerable.Range(0, Side).Select(row => Enumerable.Range(0, Side).Sum(column => counts[row, column]))];
        // The others' sums would drown the shades of all that can be looked at.
        foreach (var row in Enumerable.Range(0, Shown.Count))
            foreach (var column in Enumerable.Range(0, Shown.Count)) _largest = Math.Max(_largest, counts[row, column]);
    }

    /// <summary>Place of the window's first class in the order, from 0.</summary>
    public int From { get; }

    /// <summary>All classes.</summary>
    public int Total { get; }

    /// <summary>Class indices of rows and columns.</summary>
    public IReadOnlyList<int> Shown { get; }

    public bool HasOthers { get; }

    /// <summary>Rows, and columns: the shown classes, then the others when there are any.</summary>
    public int Side => _counts.GetLength(0);

    public int Count(int row, int column) => _counts[row, column];

    /// <summary>Part of the row's images, 0–1; 0 for an empty row.</summary>
    public double Share(int row, int column) => _rowTotals[row] == 0 ? 0 : (double)_counts[row, column] / _rowTotals[row];

    /// <summary>0–1 on a logarithmic scale, so that one mistake among thousands still shows.</summary>
    public double Shade(int row, int column, bool percent) => percent
        ? Math.Log(1 + 100 * Share(row, column)) / Math.Log(101)
        : _largest == 0 ? 0 : Math.Min(1, Math.Log(1 + _counts[row, column]) / Math.Log(1 + _largest));

    /// <param name="from">Place of the first class wanted; moved so that the window lies inside.</param>
    public static MatrixLayout Of(ConfusionMatrix matrix, Func<int, string> name, MatrixOrder order, int from = 0)
    {
        ArgumentNullException.ThrowIfNull(matrix);
        var sorted = Sorted(matrix, name, order);
        from = Math.Clamp(from, 0, Math.Max(0, sorted.Length - Window));
        var shown = Math.Min(Window, sorted.Length);
        var side = shown < sorted.Length ? shown + 1 : shown;
        var place = new int[sorted.Length];
        for (var i = 0; i < sorted.Length; i++) place[sorted[i]] = i >= from && i < from + shown ? i - from : shown;

        var counts = new int[side, side];
        for (var truth = 0; truth < sorted.Length; truth++)
            for (var predicted = 0; predicted < sorted.Length; predicted++)
                counts[place[truth], place[predicted]] += matrix[truth, predicted];
        return new MatrixLayout(sorted, from, counts);
    }

    private static int[] Sorted(ConfusionMatrix matrix, Func<int, string> name, MatrixOrder order)
    {
        var classes = Enumerable.Range(0, matrix.Classes);
        if (order == MatrixOrder.Name) return [.. classes.OrderBy(name, Natural)];
        return order == MatrixOrder.Support
            ? [.. classes.OrderByDescending(matrix.TruthCount)]
            : [.. classes.OrderByDescending(label => matrix.TruthCount(label) + matrix.PredictedCount(label) - 2 * matrix[label, label])];
    }
}

namespace Training.Core.Metrics;

/// <summary>Counts by truth (rows) and prediction (columns).</summary>
public sealed class ConfusionMatrix(int classes)
{
    private readonly int[,] _counts = new int[classes, classes];

    public int Classes { get; } = classes;

    public int this[int truth, int predicted] => _counts[truth, predicted];

    public int Total { get; private set; }

    public int Correct { get; private set; }

    /// <summary>0–1; NaN when nothing was counted.</summary>
    public double Accuracy => (double)Correct / Total;

    public void Add(int truth, int predicted)
    {
        _counts[truth, predicted]++;
        Total++;
        if (truth == predicted) Correct++;
    }

    /// <summary>Samples whose truth is this class.</summary>
    public int TruthCount(int truth)
    {
        var sum = 0;
        for (var predicted = 0; predicted < Classes; predicted++) sum += _counts[truth, predicted];
        return sum;
    }

    /// <summary>Samples that were taken for this class.</summary>
    public int PredictedCount(int predicted)
    {
        var sum = 0;
        for (var truth = 0; truth < Classes; truth++) sum += _counts[truth, predicted];
        return sum;
    }

    /// <summary>The cell as a part of its row, 0–1; 0 in an empty row.</summary>
    public double RowShare(int truth, int predicted) =>
        TruthCount(truth) is var row and > 0 ? (double)_counts[truth, predicted] / row : 0;

    /// <summary>Wrong cells with at least one sample, most samples first; ties in row order.</summary>
    public IReadOnlyList<ConfusedPair> MostConfused(int limit)
    {
        var pairs = new List<ConfusedPair>();
        for (var truth = 0; truth < Classes; truth++)
            for (var predicted = 0; predicted < Classes; predicted++)
                if (truth != predicted && _counts[truth, predicted] is var count and > 0)
                    pairs.Add(new ConfusedPair(truth, predicted, count));
        return [.. pairs.OrderByDescending(pair => pair.Count).Take(limit)];
    }
}

/// <summary>So many samples of class <paramref name="Truth"/> were taken for <paramref name="Predicted"/>.</summary>
public sealed record ConfusedPair(int Truth, int Predicted, int Count);

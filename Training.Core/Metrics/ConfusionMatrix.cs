namespace Training.Core.Metrics;

/// <summary>Counts by truth (rows) and prediction (columns).</summary>
public sealed class ConfusionMatrix(int classes)
{
    private readonly int[,] _counts = new int[classes, classes];

    public int Classes { get; } = classes;

    public int this[int truth, int predicted] => _counts[truth, predicted];

    public void Add(int truth, int predicted) => _counts[truth, predicted]++;

    public int Total => _counts.Cast<int>().Sum();

    public int Correct => Enumerable.Range(0, Classes).Sum(label => _counts[label, label]);

    /// <summary>0–1; NaN when nothing was counted.</summary>
    public double Accuracy => (double)Correct / Total;
}

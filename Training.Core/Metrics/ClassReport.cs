namespace Training.Core.Metrics;

/// <summary>
/// Precision, recall, F1 and support per class, as scikit-learn's <c>classification_report(zero_division=0)</c>: a class that was never
/// predicted has precision 0. A class without samples was not measured: it has no recall and no F1, and counts in no average, which are
/// scikit-learn's over <c>labels</c> with samples.
/// </summary>
/// <param name="MacroAverage">The plain mean over the measured classes; its support is the number of samples.</param>
/// <param name="WeightedAverage">The mean weighted by support.</param>
/// <param name="Accuracy">0–1; NaN when nothing was counted.</param>
/// <param name="Interval">Of the accuracy; null when nothing was counted.</param>
public sealed record ClassReport(
    IReadOnlyList<ClassScore> Classes, ClassScore MacroAverage, ClassScore WeightedAverage, double Accuracy, WilsonInterval? Interval)
{
    public static ClassReport Of(ConfusionMatrix matrix)
    {
        var scores = Enumerable.Range(0, matrix.Classes).Select(label => Score(matrix, label)).ToArray();
        var measured = scores.Where(score => score.IsMeasured).ToArray();
        return new ClassReport(
            scores, Average(measured, matrix.Total, _ => 1), Average(measured, matrix.Total, score => score.Support), matrix.Accuracy,
            WilsonInterval.Of(matrix.Correct, matrix.Total));
    }

    private static ClassScore Score(ConfusionMatrix matrix, int label)
    {
        int hits = matrix[label, label], support = matrix.TruthCount(label), predicted = matrix.PredictedCount(label);
        return new ClassScore(Ratio(hits, predicted), Ratio(hits, support), Ratio(2.0 * hits, predicted + support), support)
        {
            PrecisionInterval = WilsonInterval.Of(hits, predicted), RecallInterval = WilsonInterval.Of(hits, support),
        };
    }

    private static ClassScore Average(IReadOnlyList<ClassScore> scores, int total, Func<ClassScore, double> weight)
    {
        double precision = 0, recall = 0, f1 = 0, weights = 0;
        foreach (var score in scores)
        {
            var w = weight(score);
            precision += w * score.Precision;
            recall += w * score.Recall;
            f1 += w * score.F1;
            weights += w;
        }
        return new ClassScore(Ratio(precision, weights), Ratio(recall, weights), Ratio(f1, weights), total);
    }

    private static double Ratio(double part, double whole) => whole > 0 ? part / whole : 0;
}

/// <param name="Precision">0–1; 0 when the class was never predicted.</param>
/// <param name="Recall">0–1: the accuracy on the class's samples; means nothing unless <see cref="IsMeasured"/>.</param>
/// <param name="F1">0–1; means nothing unless <see cref="IsMeasured"/>.</param>
/// <param name="Support">Samples of the class.</param>
public sealed record ClassScore(double Precision, double Recall, double F1, int Support)
{
    /// <summary>Null for averages, and when the class was never predicted.</summary>
    public WilsonInterval? PrecisionInterval { get; init; }

    /// <summary>Null for averages, and without samples.</summary>
    public WilsonInterval? RecallInterval { get; init; }

    /// <summary>Whether there was a sample of the class.</summary>
    public bool IsMeasured => Support > 0;
}

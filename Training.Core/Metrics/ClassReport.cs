namespace Training.Core.Metrics;

/// <summary>
/// Precision, recall, F1 and support per class, as scikit-learn's <c>classification_report(labels=all classes, zero_division=0)</c>:
/// a class that was never predicted has precision 0, one without samples recall 0, and both count in the macro average.
/// </summary>
/// <param name="MacroAverage">The plain mean over the classes; its support is the number of samples.</param>
/// <param name="WeightedAverage">The mean weighted by support.</param>
/// <param name="Accuracy">0–1; NaN when nothing was counted.</param>
public sealed record ClassReport(IReadOnlyList<ClassScore> Classes, ClassScore MacroAverage, ClassScore WeightedAverage, double Accuracy)
{
    public static ClassReport Of(ConfusionMatrix matrix)
    {
        var scores = Enumerable.Range(0, matrix.Classes).Select(label => Score(matrix, label)).ToArray();
        return new ClassReport(
            scores, Average(scores, matrix.Total, _ => 1), Average(scores, matrix.Total, score => score.Support), matrix.Accuracy);
    }

    private static ClassScore Score(ConfusionMatrix matrix, int label)
    {
        int hits = matrix[label, label], support = matrix.TruthCount(label), predicted = matrix.PredictedCount(label);
        return new ClassScore(Ratio(hits, predicted), Ratio(hits, support), Ratio(2.0 * hits, predicted + support), support);
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

/// <param name="Precision">0–1.</param>
/// <param name="Recall">0–1.</param>
/// <param name="F1">0–1.</param>
/// <param name="Support">Samples of the class.</param>
public sealed record ClassScore(double Precision, double Recall, double F1, int Support);

namespace Training.Core.Metrics;

/// <summary>Precision, recall, F1 and support per class, as scikit-learn's classification_report with zero_division=0.</summary>
public sealed record ClassReport(IReadOnlyList<ClassScore> Classes, ClassScore MacroAverage, ClassScore WeightedAverage, double Accuracy)
{
    public static ClassReport Of(ConfusionMatrix matrix) => throw new NotImplementedException();
}

/// <param name="Precision">0–1.</param>
/// <param name="Recall">0–1.</param>
/// <param name="F1">0–1.</param>
/// <param name="Support">Samples of the class.</param>
public sealed record ClassScore(double Precision, double Recall, double F1, int Support);

namespace Training.Core.Metrics.Predictions;

/// <summary>What the model said of one sample in one evaluated epoch.</summary>
/// <param name="Truth">The label at the time, as class index.</param>
/// <param name="TopClasses">Most probable classes first, up to <see cref="TopK"/>.</param>
/// <param name="TopProbabilities">Of the same classes, 0–1.</param>
/// <param name="Loss">Cross-entropy of this sample (natural logarithm, no smoothing).</param>
public sealed record Prediction(
    int SampleId, int Truth, IReadOnlyList<int> TopClasses, IReadOnlyList<float> TopProbabilities, float Loss)
{
    public const int TopK = 5;

    public int Predicted => TopClasses[0];
    public float Confidence => TopProbabilities[0];
    public bool IsRight => Predicted == Truth;
}

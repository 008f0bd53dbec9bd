namespace Training.Core.Metrics.Predictions;

/// <summary>A filter and an order over an epoch's predictions.</summary>
public sealed record PredictionQuery
{
    /// <summary>Class index; null: all.</summary>
    public int? Truth { get; init; }

    /// <summary>Class index; null: all.</summary>
    public int? Predicted { get; init; }

    /// <summary>true: only wrong ones; false: only right ones; null: all.</summary>
    public bool? Wrong { get; init; }

    /// <summary>0–1, inclusive.</summary>
    public float MinConfidence { get; init; }

    /// <summary>0–1, inclusive.</summary>
    public float MaxConfidence { get; init; } = 1;

    public PredictionSort Sort { get; init; } = PredictionSort.WrongFirst;

    /// <summary>
    /// Matching predictions in order; ties by sample id. A loss of NaN counts as the worst, a confidence of NaN passes every filter.
    /// </summary>
    public IReadOnlyList<Prediction> Apply(IReadOnlyList<Prediction> predictions)
    {
        var matching = new List<Prediction>(predictions.Count);
        foreach (var prediction in predictions)
            if (Matches(prediction)) matching.Add(prediction);
        matching.Sort(Order);
        return matching;
    }

    private bool Matches(Prediction prediction) =>
        (Truth is null || prediction.Truth == Truth)
        && (Predicted is null || prediction.Predicted == Predicted)
        && (Wrong is null || prediction.IsRight != Wrong)
        && !(prediction.Confidence < MinConfidence || prediction.Confidence > MaxConfidence);

    private int Order(Prediction a, Prediction b)
    {
        var order = Sort switch
        {
            PredictionSort.WrongFirst when a.IsRight != b.IsRight => a.IsRight ? 1 : -1,
            PredictionSort.WrongFirst or PredictionSort.LossDescending => Loss(b).CompareTo(Loss(a)),
            PredictionSort.LossAscending => Loss(a).CompareTo(Loss(b)),
            PredictionSort.ConfidenceDescending => b.Confidence.CompareTo(a.Confidence),
            PredictionSort.ConfidenceAscending => a.Confidence.CompareTo(b.Confidence),
            _ => 0,
        };
        return order != 0 ? order : a.SampleId.CompareTo(b.SampleId);
    }

    private static float Loss(Prediction prediction) => float.IsNaN(prediction.Loss) ? float.PositiveInfinity : prediction.Loss;
}

/// <summary>WrongFirst: wrong ones by falling loss, then right ones by falling loss.</summary>
public enum PredictionSort { WrongFirst, LossDescending, LossAscending, ConfidenceDescending, ConfidenceAscending, SampleId }

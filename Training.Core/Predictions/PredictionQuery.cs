namespace Training.Core.Predictions;

/// <summary>A filter and an order over an epoch's predictions.</summary>
public sealed record PredictionQuery
{
    public int? Truth { get; init; }
    public int? Predicted { get; init; }
    /// <summary>true: only wrong ones; false: only right ones; null: all.</summary>
    public bool? Wrong { get; init; }
    public float MinConfidence { get; init; }
    public float MaxConfidence { get; init; } = 1;
    public PredictionSort Sort { get; init; } = PredictionSort.WrongFirst;

    /// <summary>Matching predictions in order; ties by sample id.</summary>
    public IReadOnlyList<Prediction> Apply(IReadOnlyList<Prediction> predictions) => throw new NotImplementedException();
}

/// <summary>WrongFirst: wrong ones by falling loss, then right ones by falling loss.</summary>
public enum PredictionSort { WrongFirst, LossDescending, LossAscending, ConfidenceDescending, ConfidenceAscending, SampleId }

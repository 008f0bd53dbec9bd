using Training.Core.Data;

namespace Training.Core.Runs;

/// <summary>How many samples a run will train and validate on, before the split is made.</summary>
public static class DatasetSizes
{
    public static int TrainCount(this DatasetOutline dataset, double valFraction) =>
        HasHeldOut(dataset) ? dataset.Count(Split.Train) : dataset.Count(Split.Train) - HeldOut(dataset, valFraction);

    /// <summary>Of the val split, else the test split, else the part that is held out of the training split.</summary>
    public static int ValCount(this DatasetOutline dataset, double valFraction) =>
        dataset.Count(Split.Val) is var val and > 0 ? val
        : dataset.Count(Split.Test) is var test and > 0 ? test
        : HeldOut(dataset, valFraction);

    private static bool HasHeldOut(DatasetOutline dataset) => dataset.Count(Split.Val) + dataset.Count(Split.Test) > 0;

    private static int HeldOut(DatasetOutline dataset, double valFraction) =>
        double.IsFinite(valFraction) ? (int)Math.Round(dataset.Count(Split.Train) * Math.Clamp(valFraction, 0, 1)) : 0;
}

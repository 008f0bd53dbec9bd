namespace Training.Core.Data;

/// <summary>How many samples a run will train and validate on, before the split is made.</summary>
public static class DatasetSizes
{
    /// <summary>Whether validation images come from a split on disk; otherwise a part of the training images is held out.</summary>
    public static bool HasValidation(this DatasetOutline dataset) => dataset.Count(Split.Val) + dataset.Count(Split.Test) > 0;

    public static int TrainCount(this DatasetOutline dataset, double valFraction) =>
        dataset.Count(Split.Train) - (dataset.HasValidation() ? 0 : DatasetSplit.HeldOut(dataset, valFraction));

    /// <summary>Of the val split, else the test split, else the part that is held out of the training split.</summary>
    public static int ValCount(this DatasetOutline dataset, double valFraction) =>
        dataset.Count(Split.Val) is var val and > 0 ? val
        : dataset.Count(Split.Test) is var test and > 0 ? test
        : DatasetSplit.HeldOut(dataset, valFraction);

    /// <summary>The same of one class.</summary>
    public static int ValCount(this DatasetOutline dataset, int label, double valFraction)
    {
        var from = dataset.Count(Split.Val) > 0 ? Split.Val : dataset.Count(Split.Test) > 0 ? Split.Test : Split.Train;
        var count = dataset.Counts[label, (int)from];
        return from == Split.Train ? DatasetSplit.HeldOut(count, valFraction) : count;
    }
}

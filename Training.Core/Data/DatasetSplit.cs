namespace Training.Core.Data;

/// <summary>Decides which samples train and which validate.</summary>
public static class DatasetSplit
{
    /// <summary>
    /// Train and Val samples of a run. A set with val uses it (and leaves test out); train + test without val validates on test,
    /// as in the article; train only gets a stratified part of <paramref name="valFraction"/> by <paramref name="seed"/> (same seed, same
    /// split).
    /// </summary>
    /// <remarks>
    /// Every class with at least two samples gets one on both sides. Identical files of a class stay on one side: a copy of a training
    /// image says nothing about new ones.
    /// </remarks>
    public static IReadOnlyList<Sample> ForRun(IReadOnlyList<Sample> samples, int classes, double valFraction, int seed)
    {
        if (samples.Any(sample => sample.Split == Split.Val))
            return [.. samples.Where(sample => sample.Split != Split.Test)];
        if (samples.Any(sample => sample.Split == Split.Test))
            return [.. samples.Select(sample => sample.Split == Split.Test ? sample with { Split = Split.Val } : sample)];
        var held = new HashSet<int>();
        for (var label = 0; label < classes; label++)
            HoldOut([.. samples.Where(sample => sample.Label == label)], valFraction, seed, held);
        return [.. samples.Select(sample => held.Contains(sample.Id) ? sample with { Split = Split.Val } : sample)];
    }

    /// <summary>The sentence that the page shows about where validation comes from.</summary>
    public static string Describe(DatasetOutline outline, double valFraction)
    {
        var (val, test) = (outline.Count(Split.Val), outline.Count(Split.Test));
        if (val > 0)
            return $"The val split ({Images(val)}) is used for "
                + $"validation{(test > 0 ? $"; the test split ({Images(test)}) is left out" : "")}.";
        if (test > 0)
            return $"The test split ({Images(test)}) is used for validation, as there is no val split.";
        var held = HeldOut(outline, valFraction);
        return $"{Math.Round(valFraction * 100)} % of every class ({Images(held)} of {outline.Count(Split.Train)}) are held out for "
            + "validation, "
            + "as there is no val split.";
    }

    public static DatasetOutline Outline(
        string name, IReadOnlyList<string> classes, IEnumerable<Sample> samples, IReadOnlyList<DatasetProblem> problems)
    {
        var counts = new int[classes.Count, 3];
        foreach (var sample in samples) counts[sample.Label, (int)sample.Split]++;
        return new DatasetOutline(name, classes, counts, problems);
    }

    /// <summary>How many images are held out of the training split when there is neither a val nor a test split.</summary>
    internal static int HeldOut(DatasetOutline outline, double fraction) =>
        Enumerable.Range(0, outline.Classes.Count).Sum(label => HeldOut(outline.Counts[label, (int)Split.Train], fraction));

    /// <summary>Of one class: none of a single image, which is trained on.</summary>
    internal static int HeldOut(int count, double fraction) =>
        count < 2 ? 0 : Math.Clamp((int)Math.Round(count * fraction), 1, count - 1);

    /// <summary>Picks by a draw per sample, not by position, so that an added image moves no other to the other side.</summary>
    private static void HoldOut(Sample[] ofClass, double fraction, int seed, HashSet<int> held)
    {
        var wanted = HeldOut(ofClass.Length, fraction);
        var copies = ofClass
            .GroupBy(sample => sample.Sha256.Length > 0 ? sample.Sha256 : $"#{sample.Id}")
            .Select(group => group.Select(sample => sample.Id).ToArray())
            .OrderBy(ids => new SplitMix64(seed, ids.Min()).Next())
            .ToList();
        var taken = 0;
        foreach (var ids in copies.Where(ids => ids.Length <= wanted))
        {
            if (taken + ids.Length > wanted) continue;
            held.UnionWith(ids);
            taken += ids.Length;
        }
        if (taken > 0 || wanted == 0) return;
        // Every image has more copies than are wanted: the fewest, or (all alike) a single one.
        var fewest = copies.MinBy(ids => ids.Length)!;
        if (fewest.Length < ofClass.Length) held.UnionWith(fewest);
        else held.Add(fewest[0]);
    }

    private static string Images(int count) => count == 1 ? "1 image" : $"{count} images";
}

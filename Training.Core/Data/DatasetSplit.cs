namespace Training.Core.Data;

/// <summary>Decides which samples train and which validate.</summary>
public static class DatasetSplit
{
    /// <summary>
    /// Train and Val samples of a run. A set with val uses it (and leaves test out); train + test without val validates on test,
    /// as in the article; train only gets a stratified part of <paramref name="valFraction"/> by <paramref name="seed"/> (same seed, same split).
    /// </summary>
    public static IReadOnlyList<Sample> ForRun(IReadOnlyList<Sample> samples, int classes, double valFraction, int seed) =>
        throw new NotImplementedException();

    /// <summary>The sentence that the page shows about where validation comes from.</summary>
    public static string Describe(DatasetOutline outline, double valFraction) => throw new NotImplementedException();

    public static DatasetOutline Outline(
        string name, IReadOnlyList<string> classes, IEnumerable<Sample> samples, IReadOnlyList<DatasetProblem> problems)
    {
        var counts = new int[classes.Count, 3];
        foreach (var sample in samples) counts[sample.Label, (int)sample.Split]++;
        return new DatasetOutline(name, classes, counts, problems);
    }
}

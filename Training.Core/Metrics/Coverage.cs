using Training.Core.Data;

namespace Training.Core.Metrics;

/// <summary>Which classes an accuracy says nothing about, or next to nothing: those with no validation image, or a single one.</summary>
/// <param name="Never">Names of the classes without an image to measure on.</param>
/// <param name="Once">Names of those with one: 0 % or 100 %, whatever the model is worth.</param>
public sealed record Coverage(IReadOnlyList<string> Never, IReadOnlyList<string> Once)
{
    /// <summary>More names would hide what is said about them.</summary>
    private const int NamesShown = 5;

    public static Coverage Of(DatasetManifest manifest)
    {
        var counts = manifest.Samples.Where(sample => sample.Split == Split.Val).CountBy(sample => sample.Label).ToDictionary();
        return Of(manifest.Classes, label => counts.GetValueOrDefault(label));
    }

    /// <param name="count">Images that a class, by its index, is measured on.</param>
    public static Coverage Of(IReadOnlyList<string> classes, Func<int, int> count)
    {
        var labels = Enumerable.Range(0, classes.Count).ToLookup(count, label => classes[label]);
        return new Coverage([.. labels[0]], [.. labels[1]]);
    }

    /// <summary>A sentence each, for people; none when every class is measured on several images.</summary>
    public IEnumerable<string> Sentences()
    {
        var them = Never.Count == 1 ? "it" : "them";
        if (Never.Count > 0) yield return $"Never measured, for want of an image: {Named(Never)}. The accuracy says nothing about {them}.";
        if (Once.Count > 0) yield return $"Measured on a single image, so 0 % or 100 %: {Named(Once)}.";
    }

    /// <summary>Such as "'cat', 'dog' and 12 more".</summary>
    public static string Named(IReadOnlyList<string> names) =>
        string.Join(", ", names.Take(NamesShown).Select(name => $"'{name}'"))
            + (names.Count > NamesShown ? $" and {names.Count - NamesShown} more" : "");
}

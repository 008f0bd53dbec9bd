namespace Training.Core.Data.Folders;

/// <summary>One way to read a folder, and what it would give; counted by the files' names, before any is opened.</summary>
/// <param name="Layout">What says so: <see cref="LayoutChoice"/> as text.</param>
/// <param name="Words">What the folders are then, in a sentence.</param>
/// <param name="ClassCount">All of them; only the first are listed.</param>
public sealed record FolderReading(
    string Layout, string Words, int ClassCount, int Train, int Val, int Test, IReadOnlyList<ReadingClass> Classes)
{
    internal const int MaxListed = 12;

    private const int MaxNamed = 6;

    public int Total => Train + Val + Test;

    /// <summary>"2 classes (cat, dog): 12 train, 6 val".</summary>
    public string Summary => ClassCount == 0 ? "no classes, so nothing to train on"
        : FormattableString.Invariant($"{ClassCount} {(ClassCount == 1 ? "class" : "classes")} ({Named}): {Counts}");

    internal static FolderReading Of(IReadOnlyList<ClassFolder> folders, LayoutChoice choice, string words)
    {
        var classes = folders.GroupBy(each => each.Name, StringComparer.Ordinal).OrderBy(group => group.Key, StringComparer.Ordinal)
            .Select(group => new ReadingClass(group.Key, Images(group, Split.Train), Images(group, Split.Val), Images(group, Split.Test)))
                .ToList();
        return new FolderReading(choice.ToString(), words, classes.Count, Images(folders, Split.Train), Images(folders, Split.Val),
            Images(folders, Split.Test), [.. classes.Take(MaxListed)]);

        static int Images(IEnumerable<ClassFolder> folders, Split split) =>
            folders.Where(each => each.Split == split).Sum(each => each.Folder.Images);
    }

    private string Named => string.Join(", ", Classes.Take(MaxNamed).Select(each => each.Name)) + (ClassCount > MaxNamed ? ", …" : "");

    private string Counts => string.Join(", ", new[] { (Train, "train"), (Val, "val"), (Test, "test") }
        .Where(part => part.Item1 > 0).Select(part => FormattableString.Invariant($"{part.Item1} {part.Item2}"))
            .DefaultIfEmpty("no images"));
}

/// <summary>A class and its images by split.</summary>
public sealed record ReadingClass(string Name, int Train, int Val, int Test);

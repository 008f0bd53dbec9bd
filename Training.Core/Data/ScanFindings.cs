namespace Training.Core.Data;

/// <summary>What the counts and copies of a scan say about the whole set.</summary>
internal static class ScanFindings
{
    /// <summary>A class more than this many times larger than another is worth a warning.</summary>
    private const int Uneven = 10;

    /// <summary>Errors first.</summary>
    public static IEnumerable<DatasetProblem> OfClasses(
        IReadOnlyList<string> classes, IReadOnlyList<Sample> samples, IReadOnlySet<(string ClassName, Split Split)> folders)
    {
        if (samples.Count == 0) return [NoImages(classes)];
        var counts = DatasetSplit.Outline("", classes, samples, []);
        var problems = new List<DatasetProblem>();
        if (counts.Count(Split.Train) == 0)
        {
            problems.Add(Error(null, "There is no train split: every image lies in a val or test folder.",
                "Rename the folder to train, or put the class folders directly into the dataset's folder."));
            return problems;
        }
        if (classes.Count == 1)
        {
            problems.Add(Error(null, $"There is only one class, “{classes[0]}”; a classifier needs at least two.",
                "Add a second folder with images of something else."));
        }
        var validation = counts.Count(Split.Val) > 0 ? Split.Val : Split.Test;
        for (var label = 0; label < classes.Count; label++)
        {
            problems.AddRange(OfClass(classes, label, counts, validation, folders.Contains((classes[label], Split.Train))));
        }
        problems.AddRange(OfBalance(classes, counts));
        return problems.OrderByDescending(problem => problem.Severity);
    }

    /// <summary>The same bytes under two labels, or on both sides of a split.</summary>
    public static IEnumerable<DatasetProblem> OfCopies(IReadOnlyList<string> classes, IReadOnlyList<Sample> samples)
    {
        var needless = samples.GroupBy(sample => (sample.Sha256, sample.Label, sample.Split)).Sum(copies => copies.Count() - 1);
        if (needless > 0)
        {
            yield return Warning(null,
                needless == 1 ? "1 image is an exact copy of another one of its class and split."
                    : $"{needless} images are exact copies of others of their class and split.",
                "Nothing has to be done; they count as often as they are there.") with { Purpose = FindingPurpose.Any };
        }
        foreach (var copies in samples.GroupBy(sample => sample.Sha256).Where(copies => copies.Skip(1).Any()))
        {
            var first = copies.First();
            foreach (var copy in copies.Skip(1))
            {
                if (copy.Label != first.Label)
                {
                    yield return Warning(copy.Path,
                        $"Is the same file as {first.Path}, under another label (“{classes[copy.Label]}” and “{classes[first.Label]}”).",
                        "Keep it only under the right label.") with { Purpose = FindingPurpose.Any };
                }
                else if (copy.Split != first.Split)
                {
                    yield return Warning(copy.Path,
                        $"Is the same file as {first.Path}, in another split ({Word(copy.Split)} and {Word(first.Split)}).",
                        "Keep it in one split; an image that was trained on makes the accuracy look better than it is.");
                }
            }
        }
    }

    private static IEnumerable<DatasetProblem> OfClass(
        IReadOnlyList<string> classes, int label, DatasetOutline counts, Split validation, bool hasTrainFolder)
    {
        var name = classes[label];
        var (train, held) = (counts.Counts[label, (int)Split.Train], counts.Counts[label, (int)validation]);
        if (train == 0 && hasTrainFolder)
        {
            yield return Error(null, $"The class “{name}” has no usable image to train on.",
                "Add images to its folder, or delete the folder.");
        }
        else if (train == 0 && held > 0)
        {
            yield return Error(null, $"The class “{name}” is in the {Word(validation)} split but not in train{Alike(classes, name)}.",
                $"Add a folder “{name}” to train, or rename or delete the one in {Word(validation)}.");
        }
        else if (train == 0)
        {
            yield return Error(null, $"The class “{name}” has a folder but no image to train on.",
                "Add images of it to train, or delete its folder.");
        }
        else if (held == 0 && counts.Count(validation) > 0)
        {
            yield return Warning(null,
                $"The class “{name}” is in train but not in the {Word(validation)} split; its accuracy can't be measured.",
                $"Add images of it to {Word(validation)}.");
        }
    }

    private static string Alike(IReadOnlyList<string> classes, string name) =>
        classes.FirstOrDefault(other => other != name && string.Equals(other.Trim(), name.Trim(), StringComparison.OrdinalIgnoreCase))
            is { } alike ? $" (it has “{alike}”, written differently)" : "";

    private static IEnumerable<DatasetProblem> OfBalance(IReadOnlyList<string> classes, DatasetOutline counts)
    {
        var sizes = classes.Select((name, label) => (Name: name, Count: counts.Counts[label, (int)Split.Train]))
            .Where(size => size.Count > 0).ToList();
        var (most, fewest) = (sizes.MaxBy(size => size.Count), sizes.MinBy(size => size.Count));
        if (most.Count <= Uneven * fewest.Count) yield break;
        yield return Warning(null,
            $"The classes are very uneven: “{most.Name}” has {most.Count} training images, “{fewest.Name}” only {fewest.Count}.",
            $"Add images of “{fewest.Name}”, and judge the model by the figures per class.");
    }

    private static DatasetProblem NoImages(IReadOnlyList<string> classes) => Error(null,
        classes.Count == 0 ? "There are no images in class folders here." : "None of the files in the class folders is a usable image.",
        "Put JPEG, PNG, BMP or WebP images into one folder per class.") with { Purpose = FindingPurpose.Any };

    private static string Word(Split split) => split.ToString().ToLowerInvariant();

    // What is said here of splits and classes is about training; evaluating has rules of its own, which know the model's classes.
    private static DatasetProblem Error(string? path, string message, string remedy) =>
        new(ProblemSeverity.Error, path, message, remedy) { Purpose = FindingPurpose.Training };

    private static DatasetProblem Warning(string? path, string message, string remedy) =>
        new(ProblemSeverity.Warning, path, message, remedy) { Purpose = FindingPurpose.Training };
}

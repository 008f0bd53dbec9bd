namespace Training.Core.Data.Folders;

/// <summary>
/// Brings together class folders whose names are the same but for how they are written. Names that are alike within one split may be two
/// classes: that is asked. Those of another split take the spelling of train.
/// </summary>
internal static class ClassSpelling
{
    private const int MaxNamed = 3;

    /// <summary>Names that are alike within one split, each group once.</summary>
    public static IReadOnlyList<string[]> Alike(IEnumerable<ClassFolder> folders) =>
    [
        .. folders.GroupBy(each => (each.Split, Key: ClassNames.Key(each.Name)))
            .Select(group => (group.Key.Key, Names: group.Select(each => each.Name).Distinct().Order(StringComparer.Ordinal).ToArray()))
            .Where(group => group.Names.Length > 1).DistinctBy(group => group.Key).Select(group => group.Names),
    ];

    /// <param name="alikeIsOne">What somebody said of names that are alike in one split.</param>
    public static List<ClassFolder> Unify(IReadOnlyList<ClassFolder> folders, bool alikeIsOne)
    {
        var apart = alikeIsOne ? [] : Alike(folders).Select(names => ClassNames.Key(names[0])).ToHashSet(StringComparer.Ordinal);
        var spelled = folders.GroupBy(each => ClassNames.Key(each.Name), StringComparer.Ordinal)
            .ToDictionary(group => group.Key, SpellingOf, StringComparer.Ordinal);
        return
        [
            .. folders.Select(each =>
                ClassNames.Key(each.Name) is var key && apart.Contains(key) ? each : each with { Name = spelled[key] }),
        ];
    }

    /// <summary>One line for each kind of difference that was passed over.</summary>
    public static IEnumerable<DatasetProblem> Differences(IReadOnlyList<ClassFolder> before, IReadOnlyList<ClassFolder> after)
    {
        var twice = before.GroupBy(each => (each.Split, each.Name, Path.GetDirectoryName(each.Folder.FullPath)))
            .Where(group => group.Count() > 1)
            .Select(group => $"“{group.Key.Name}”").Distinct().ToList();
        if (twice.Count > 0)
            yield return Warning($"{Some(twice)} {(twice.Count == 1 ? "is" : "are")} there in several folders whose names differ in "
                + "blanks at the "
                + "end or in how letters are composed only; they are read as one class.",
                "Put them into one folder, if they should stay one.");
        var other = before.Zip(after).Where(pair => !string.Equals(pair.Second.Name, pair.First.Folder.Name, StringComparison.Ordinal))
            // Where the class stands elsewhere than in the folder's name, that says nothing of it.
            .Where(pair => ClassNames.Key(pair.First.Folder.Name) == ClassNames.Key(pair.Second.Name))
            .Where(pair => after.Any(each => each.Name == pair.Second.Name && each.Folder.Name != pair.First.Folder.Name))
            .Select(pair => pair.First.Folder.Name == pair.Second.Name || ClassNames.Same(pair.First.Folder.Name, pair.Second.Name)
                ? $"“{pair.Second.Name}” (blanks or composed letters)" : $"“{pair.First.Name}” and “{pair.Second.Name}”").Distinct()
                    .ToList();
        if (other.Count > 0 && twice.Count == 0)
            yield return Warning(
                $"Class folders are written differently in different places: {Some(other)}. They count as the same class.",
                "Nothing to do.");
    }

    /// <summary>Train's, and there the one of most images.</summary>
    private static string SpellingOf(IEnumerable<ClassFolder> alike) => alike.GroupBy(each => each.Name, StringComparer.Ordinal)
        .OrderBy(group => group.Min(each => each.Split)).ThenByDescending(group => group.Sum(each => each.Folder.Images))
        .ThenBy(group => group.Key, StringComparer.Ordinal).First().Key;

    private static string Some(List<string> names) => string.Join(", ", names.Take(MaxNamed))
        + (names.Count > MaxNamed ? FormattableString.Invariant($" and {names.Count - MaxNamed} more") : "");

    private static DatasetProblem Warning(string message, string remedy) => new(ProblemSeverity.Warning, null, message, remedy);
}

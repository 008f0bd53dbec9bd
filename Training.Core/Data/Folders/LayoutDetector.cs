namespace Training.Core.Data.Folders;

/// <summary>What the shape and the names of folders say about how they are meant: one choice, or several to be asked about.</summary>
/// <param name="Choices">One: sure. Several: only a person can tell.</param>
/// <param name="Question">Why it isn't sure, as a sentence; null when it is.</param>
internal sealed record LayoutGuess(IReadOnlyList<LayoutChoice> Choices, string? Question = null);

/// <summary>
/// Folders are splits, classes or parts by their structure first (do they hold the same folders? do images lie in them?), by their names
/// second. Nothing is taken for granted where both don't agree.
/// </summary>
internal static class LayoutDetector
{
    /// <summary>Images that lie at the level of classes by mistake don't make it one.</summary>
    private const double Strays = 0.05;

    /// <summary>Datasets beside each other that are offered; any other can be said by its folder.</summary>
    private const int MaxDatasets = 6;

    private static readonly LayoutChoice Classes = new() { Kind = ReadingKind.Classes };
    private static readonly LayoutChoice Splits = new() { Kind = ReadingKind.Splits };
    private static readonly LayoutChoice ClassFirst = new() { Kind = ReadingKind.ClassFirst };
    private static readonly LayoutChoice InNames = new() { Kind = ReadingKind.InNames };
    private static readonly LayoutChoice Merged = new() { Kind = ReadingKind.Merged };

    public static LayoutGuess Guess(FolderNode folder)
    {
        var folders = folder.ImageFolders;
        var splits = SplitsOf(folder);
        if (folders.Any(part => IsSplitInside(part))) return GuessSplitsInside(folders, splits);
        var named = folders.Where(part => splits.GetValueOrDefault(part) is not null).ToList();
        if (named.Count == 0)
            return folders.SelectMany(part => DatasetsIn(part, part.Name)).ToList() is { Count: > 0 } datasets
                ? AskWhichDataset(datasets, [Classes]) : GuessByStructure(folders);
        var withClasses = named.FindAll(HoldsFolders);
        return withClasses.Count == 0 ? GuessFlat(folders, named, splits) : GuessNamed(folders, withClasses, splits);
    }

    /// <summary>Whether the folder is divided into splits itself.</summary>
    public static bool IsSplitInside(FolderNode folder)
    {
        if (folder.ImageFolders.Count == 0 || folder.OwnImages > Strays * folder.Images) return false;
        var splits = SplitNames.Of([.. folder.ImageFolders.Select(part => part.Name)]);
        return splits is [var only] ? only is not null && SplitNames.Of(folder.Name) is null
            : splits.All(split => split is not null) || splits.Contains(Split.Train)
            && splits.Distinct().Count(split => split is not null) > 1;
    }

    private static Dictionary<FolderNode, Split?> SplitsOf(FolderNode folder) =>
        folder.Folders.Zip(SplitNames.Of([.. folder.Folders.Select(part => part.Name)]))
            .ToDictionary(pair => pair.First, pair => pair.Second);

    /// <summary>cat/train, cat/val, dog/train …: the class first. Or whole datasets side by side.</summary>
    private static LayoutGuess GuessSplitsInside(IReadOnlyList<FolderNode> folders, Dictionary<FolderNode, Split?> splits)
    {
        var inside = folders.Where(part => IsSplitInside(part) && splits[part] is null).ToList();
        if (inside.Count == 0) return GuessNamed(folders, [.. folders.Where(part => splits[part] is not null)], splits);
        var whole = folders.Where(part => splits[part] is null).SelectMany(part => DatasetsIn(part, part.Name)).ToList();
        if (whole.Count > 0) return AskWhichDataset(whole, [ClassFirst, Classes]);
        var distinct = inside.SelectMany(each => SplitNames.Of([.. each.ImageFolders.Select(part => part.Name)]))
            .Where(split => split is not null)
            .Distinct().Count();
        if (inside.Count == 1 && distinct < 2) return new LayoutGuess([Classes]);
        return folders.Except(inside).Any(part => splits[part] is not null)
            ? new LayoutGuess([ClassFirst, Classes], $"{Named(inside)} hold split folders, and folders named like splits lie beside them.")
            : new LayoutGuess([ClassFirst]);
    }

    /// <param name="datasets">Paths of the folders that are one each.</param>
    private static LayoutGuess AskWhichDataset(List<string> datasets, LayoutChoice[] others) =>
        new([.. datasets.Take(MaxDatasets).Select(path => new LayoutChoice { Inside = path }), .. others], datasets.Count == 1
            ? $"“{datasets[0]}” holds a dataset of its own, with splits and classes, beside other folders of images."
            : $"{Some(datasets)} hold a dataset each, with splits and classes of their own.");

    /// <summary>
    /// Paths of the folders that are a dataset of their own, with splits and classes in them: the folder itself, or some below it, as an
    /// unpacked archive lies in a folder of its name. Deeper down a folder for training has to be there: one class's part may be called
    /// "test" for other reasons.
    /// </summary>
    private static IEnumerable<string> DatasetsIn(FolderNode folder, string path, bool isBelow = false)
    {
        if (IsDataset(folder) && (!isBelow || HasTrain(folder))) return [path];
        var inner = Wrapper.Open(folder);
        if (inner != folder && IsDataset(inner) && HasTrain(inner)) return [path];
        return inner.ImageFolders.SelectMany(part => DatasetsIn(part, $"{path}/{part.Name}", isBelow: true));
    }

    private static bool IsDataset(FolderNode folder) => IsSplitInside(folder)
        && (SharedClasses(folder.ImageFolders).Count > 1 || folder.ImageFolders.Any(part => part.ImageFolders.Count > 1));

    private static bool HasTrain(FolderNode folder) =>
        SplitNames.Of([.. folder.ImageFolders.Select(part => part.Name)]).Contains(Split.Train);

    /// <summary>Folders named like splits that hold class folders.</summary>
    private static LayoutGuess GuessNamed(IReadOnlyList<FolderNode> folders, List<FolderNode> named, Dictionary<FolderNode, Split?> splits)
    {
        var others = folders.Where(part => splits[part] is null).ToList();
        var kinds = named.Select(part => splits[part]).Distinct().Count();
        var classes = named.SelectMany(ClassKeys).ToHashSet(StringComparer.Ordinal);
        if (others.Count == 0 || kinds > 1) return new LayoutGuess([Splits]);
        var related = others.FindAll(other => ClassKeys(other).Any(classes.Contains));
        if (related.Count == 0)
            return others.TrueForAll(other => SplitNames.IsContainer(other.Name))
                || others.Sum(other => other.Images) <= Strays * folders.Sum(each => each.Images)
                ? new LayoutGuess([Splits])
                : new LayoutGuess([Splits, Classes], $"“{named[0].Name}” is named like a split, but {Named(others)} beside it "
                    + $"{Verb(others, "is not and shares", "are not and share")} no class with it.");
        var alike = related.FindAll(other =>
            ClassKeys(other).Count(classes.Contains) is var shared && shared > 1 && shared * 2 >= classes.Count);
        if (alike.Count == 0) return new LayoutGuess([Splits]);
        return new LayoutGuess(
            [LayoutChoice.Part(splits[named[0]] == Split.Train ? Split.Val : Split.Train, alike[0].Name), Splits, Merged, Classes],
            $"“{named[0].Name}” is a split, and {Named(alike)} {Verb(alike, "holds", "hold")} the same classes without saying which split "
            + $"{Verb(alike, "it is", "they are")}.");
    }

    /// <summary>
    /// Folders named like splits in which the images lie directly: a class that is called "train", or photos without labels.
    /// </summary>
    private static LayoutGuess GuessFlat(IReadOnlyList<FolderNode> folders, List<FolderNode> named, Dictionary<FolderNode, Split?> splits)
    {
        var others = folders.Where(part => splits[part] is null).ToList();
        var kinds = named.Select(part => splits[part]).Distinct().Count();
        if (folders.Count == 1 || others.Count == 0 && named.TrueForAll(part => part.OwnImages == 0)) return new LayoutGuess([Splits]);
        if (others.Count > 0 && kinds == 1)
            return GuessByStructure(folders) is { Question: not null } asked ? asked : new LayoutGuess([Classes]);
        if (others.Count == 0
            && named.Select(part => SplitNames.Read(part.Name)!.Value.Shared).Distinct().Count(shared => shared.Length > 0) > 1)
            return new LayoutGuess([InNames]);
        var labels = Unlabelled.Remedy(named[0]);
        return new LayoutGuess([Classes, Splits],
            $"{Named(named)} are named like splits, but hold images and no class folders: they may be classes of these names, or splits "
            + $"without labels. In the second case: {labels}");
    }

    /// <summary>No name says anything: folders that hold the same folders may be classes, or parts of one set.</summary>
    private static LayoutGuess GuessByStructure(IReadOnlyList<FolderNode> folders)
    {
        var shared = SharedClasses(folders);
        if (shared.Count < 2) return new LayoutGuess([Classes]);
        return new LayoutGuess([Classes, Merged, LayoutChoice.Part(Split.Val, folders[^1].Name), Inside(folders[0])],
            $"{Named(folders)} all hold the same folders ({Some(shared)}): either can be the classes.");
    }

    /// <summary>
    /// Names of class folders that at least half of the folders hold; none where images lie beside them or the folders hold others.
    /// </summary>
    private static List<string> SharedClasses(IReadOnlyList<FolderNode> folders)
    {
        if (folders.Count < 2 || folders.Any(folder => Arrangement.ClassLevel(folder).OwnImages > Strays * folder.Images)) return [];
        var names = folders.SelectMany(folder =>
            Arrangement.ClassLevel(folder).ImageFolders.Select(part => part.Name).DistinctBy(ClassNames.Key))
            .GroupBy(ClassNames.Key, StringComparer.Ordinal).ToList();
        var shared = names.FindAll(group => group.Count() > 1 && group.Count() * 2 >= folders.Count);
        return shared.Sum(group => group.Count()) * 2 >= names.Sum(group => group.Count()) ? shared.ConvertAll(group => group.First()) : [];
    }

    private static bool HoldsFolders(FolderNode folder) =>
        Arrangement.ClassLevel(folder) is var level && level.ImageFolders.Count > 0 && level.OwnImages * 2 <= level.Images
        && !(level.ImageFolders is [var only] && SplitNames.IsContainer(only.Name));

    private static IEnumerable<string> ClassKeys(FolderNode folder) =>
        Arrangement.ClassLevel(folder).ImageFolders.Select(part => ClassNames.Key(part.Name));

    private static LayoutChoice Inside(FolderNode folder) => new() { Inside = folder.Name };

    private static string Named(IReadOnlyList<FolderNode> folders) => Some([.. folders.Select(folder => folder.Name)]);

    private static string Verb(List<FolderNode> folders, string one, string several) => folders.Count == 1 ? one : several;

    private static string Some(List<string> names)
    {
        var quoted = names.Take(4).Select(name => $"“{name}”").ToList();
        if (names.Count > 4) return FormattableString.Invariant($"{string.Join(", ", quoted)} and {names.Count - 4} more");
        return quoted.Count == 1 ? quoted[0] : $"{string.Join(", ", quoted.SkipLast(1))} and {quoted[^1]}";
    }
}

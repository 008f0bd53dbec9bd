using System.Globalization;
namespace Training.Core.Data.Folders;

/// <summary>A folder whose images, with those of the folders below, are a class's part of a split.</summary>
/// <param name="Name">The class's.</param>
internal sealed record ClassFolder(string Name, Split Split, FolderNode Folder);

/// <summary>A folder read in one way: which folders are classes of which split, and a word about everything else.</summary>
/// <param name="root">Of the dataset; paths in findings start there.</param>
internal sealed class Arrangement(string root)
{
    /// <summary>Stray images of one folder that are named one by one; more are counted.</summary>
    private const int MaxNamed = 10;

    private static readonly string[] NoClass = ["unknown", "unlabeled", "unlabelled", "all", "all classes"];

    public List<ClassFolder> Folders { get; private set; } = [];

    public List<DatasetProblem> Problems { get; } = [];

    public static Arrangement Of(string root, FolderNode folder, LayoutChoice choice)
    {
        var arrangement = new Arrangement(root);
        if (choice.Kind == ReadingKind.Classes) arrangement.ReadClasses(folder, Split.Train);
        else if (choice.Kind == ReadingKind.ClassFirst) arrangement.ReadClassFirst(folder);
        else if (choice.Kind == ReadingKind.InNames) arrangement.ReadNames(folder);
        else arrangement.ReadParts(folder, SplitsOf(folder, choice));
        return arrangement;
    }

    /// <summary>Of what was read in splits only the one, for a dataset whose validation split lies in a folder of its own.</summary>
    public void KeepOnly(Split only)
    {
        var wanted = only != Split.Val || Folders.Exists(each => each.Split == Split.Val) ? only
            : Folders.Exists(each => each.Split == Split.Test) ? Split.Test : Split.Train;
        Folders = [.. Folders.Where(each => each.Split == wanted).Select(each => each with { Split = only })];
    }

    /// <summary>The folder of a part that holds its class folders: it may lie deeper, as in <c>train/images/cat</c>.</summary>
    /// <param name="known">Keys of classes that are known; a folder of this name is one, not a wrapper.</param>
    public static FolderNode ClassLevel(FolderNode part, IReadOnlySet<string>? known = null)
    {
        while (part.OwnImages == 0 && part.ImageFolders is [var only] && only.ImageFolders.Count > 0 && only.OwnImages == 0
            && known?.Contains(ClassNames.Key(only.Name)) != true
            && (part.Folders.Count == 1 || SplitNames.IsContainer(only.Name)))
            part = only;
        return part;
    }

    /// <summary>Images that lie in class folders of no split, one by one while they are few.</summary>
    public void ReportFiles(FolderNode folder, string imageRemedy = "Move it into the folder of its class.")
    {
        var images = folder.Files.FindAll(FolderNode.LooksLikeImage);
        foreach (var file in images.Take(images.Count > MaxNamed ? 0 : MaxNamed))
            Warn(Path.Combine(folder.FullPath, file), "Lies in no class folder, so it has no label; it is not used.", imageRemedy);
        if (images.Count > MaxNamed)
            Warn(folder.FullPath,
                string.Create(CultureInfo.InvariantCulture,
                    $"{images.Count} images lie in no class folder here, so they have no label; they are not "
                    + $"used."),
                "Move each into the folder of its class.");
        // The demo set's own record belongs there, and there is nothing to do about it.
        foreach (var file in folder.Files.Where(file => file != FolderLayout.MislabelledFile && !FolderNode.LooksLikeImage(file)))
            Warn(Path.Combine(folder.FullPath, file), "Is not an image in a class folder; it is not used.",
                "Nothing to do, or move it out of the dataset's folder.");
    }

    public void Warn(string path, string message, string remedy) =>
        Problems.Add(new DatasetProblem(ProblemSeverity.Warning, Relative(path), message, remedy));

    private static IReadOnlyList<(FolderNode Part, Split? Split)> SplitsOf(FolderNode folder, LayoutChoice choice)
    {
        if (choice.Kind == ReadingKind.Merged) return [.. folder.Folders.Select(part => (part, (Split?)Split.Train))];
        if (choice.Kind == ReadingKind.Splits)
            return [.. folder.Folders.Zip(SplitNames.Of([.. folder.Folders.Select(part => part.Name)]))];
        var rest = choice.Parts.Any(part => part.Split == Split.Train) ? (Split?)null : Split.Train;
        return [.. folder.Folders.Select(part => (part, choice.Parts.Where(named => ClassNames.Same(named.Folder, part.Name))
            .Select(named => (Split?)named.Split).FirstOrDefault() ?? rest))];
    }

    private void ReadClasses(FolderNode folder, Split split)
    {
        foreach (var child in folder.Folders) Folders.Add(new ClassFolder(ClassNames.Of(child.Name), split, child));
        ReportFiles(folder);
    }

    private void ReadClassFirst(FolderNode folder)
    {
        foreach (var child in folder.Folders)
        {
            var splits = SplitNames.Of([.. child.Folders.Select(part => part.Name)]);
            if (splits.All(split => split is null))
            {
                Folders.Add(new ClassFolder(ClassNames.Of(child.Name), Split.Train, child));
                continue;
            }
            foreach (var (part, split) in child.Folders.Zip(splits))
            {
                if (split is not null) Folders.Add(new ClassFolder(ClassNames.Of(child.Name), split.Value, part));
                else ReportBeside(part);
            }
            ReportFiles(child, "Move it into one of the class's split folders.");
        }
        ReportFiles(folder);
    }

    private void ReadNames(FolderNode folder)
    {
        foreach (var child in folder.Folders)
        {
            if (SplitNames.Read(child.Name) is { Shared.Length: > 0 } said) Folders.Add(new ClassFolder(said.Shared, said.Split, child));
            else ReportBeside(child);
        }
        ReportFiles(folder);
    }

    private void ReadParts(FolderNode folder, IReadOnlyList<(FolderNode Part, Split? Split)> parts)
    {
        var known = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (part, split) in parts.Where(part => part.Split is not null).OrderBy(part => part.Split))
        {
            var level = ClassLevel(part, known);
            for (var above = part; above != level; above = above.ImageFolders[0]) ReportAround(above);
            if (IsUnlabelled(part, level, known))
            {
                ReportUnlabelled(part, split!.Value, folder);
                continue;
            }
            ReadClasses(level, split!.Value);
            known.UnionWith(level.Folders.Select(child => ClassNames.Key(child.Name)));
        }
        foreach (var (part, _) in parts.Where(part => part.Split is null)) ReportBeside(part);
        ReportFiles(folder);
    }

    /// <summary>
    /// Images without class folders: lying there, or in one folder that is called "images", "unknown" or as the split itself.
    /// </summary>
    private static bool IsUnlabelled(FolderNode part, FolderNode level, HashSet<string> known) =>
        level.Images > 0 && !level.Folders.Exists(child => known.Contains(ClassNames.Key(child.Name))) && level.ImageFolders switch
        {
            [] => true,
            [var only] => level.OwnImages == 0 && only.ImageFolders.Count == 0 && (SplitNames.IsContainer(only.Name)
                || SplitNames.Of(only.Name) is not null || ClassNames.Alike(only.Name, part.Name)
                    || NoClass.Contains(ClassNames.Key(only.Name))),
            _ => false,
        };

    private void ReportUnlabelled(FolderNode part, Split split, FolderNode around)
    {
        var holds = part.Images == 1 ? "Holds 1 image without a class folder, so it has no label; it is not used"
            : FormattableString.Invariant($"Holds {part.Images} images without class folders, so they have no labels; they are not used");
        if (split != Split.Train)
            Warn(part.FullPath, $"{holds}.",
                "Nothing to do; with a folder per class they would measure the model, and “predict” classifies them as they are.");
        else
            Problems.Add(new DatasetProblem(
                ProblemSeverity.Error, Relative(part.FullPath), $"{holds} to train.", Unlabelled.Remedy(part, around)));
    }

    /// <summary>What lies beside the one folder that leads to the classes.</summary>
    private void ReportAround(FolderNode folder)
    {
        ReportFiles(folder);
        foreach (var other in folder.Folders.Where(other => other.Images == 0 && other.AllFiles > 0))
            Warn(other.FullPath, "Holds no image; it is not used.", "Nothing to do.");
    }

    private void ReportBeside(FolderNode folder)
    {
        if (folder.AllFiles > 0)
            Warn(folder.FullPath, "Lies beside the split folders and is none of them; its files are not used.",
                "Move it into a split, rename it to train, val or test, or move it out of the dataset's folder.");
    }

    private string? Relative(string path) => ImageFolder.Relative(root, path) is var relative && relative == "." ? null : relative;
}

using System.Globalization;
using Training.Core.Data.Folders;
using Training.Core.Images;

namespace Training.Core.Data;

/// <summary>A file that belongs to a class, not yet looked into.</summary>
internal sealed record ClassFile(string FullPath, string ClassName, Split Split);

/// <summary>
/// Which of a dataset's folders are splits, which are classes, which files lie where: as its structure and its names say, or as somebody
/// said; where that isn't clear it asks. Everything that is left out gets an entry in <see cref="Problems"/>.
/// </summary>
/// <param name="root">Paths in problems start there.</param>
/// <param name="fence">What lies outside of it, by a link, isn't read.</param>
internal sealed class FolderLayout(string root, LayoutChoice choice, FolderFence fence, CancellationToken cancellationToken)
{
    /// <summary>The demo set's own record of labels that are wrong on purpose lies beside its split folders.</summary>
    public const string MislabelledFile = "mislabelled.csv";

    private const string SayWhich = "Say which: on the dataset's page, as “layout” in the API, or with --layout in the terminal.";

    private readonly List<ClassFolder> _folders = [];

    public List<DatasetProblem> Problems { get; } = [];

    public List<ClassFile> Files { get; } = [];

    /// <summary>Class folders by split, also those without a usable image.</summary>
    public HashSet<(string ClassName, Split Split)> ClassFolders { get; } = [];

    private bool HasErrors => Problems.Exists(problem => problem.Severity == ProblemSeverity.Error);

    /// <param name="valRoot">Another folder that holds the validation split; it is no part of the first.</param>
    public void Read(string? valRoot)
    {
        var walk = new FolderWalk(root, fence);
        if (valRoot is not null) walk.SetApart(valRoot);
        Read(new FolderTree(walk, cancellationToken), root, choice, valRoot is null ? null : Split.Train);
        if (valRoot is not null)
            Read(new FolderTree(walk, cancellationToken), valRoot, LayoutChoice.None with { AlikeIsOne = choice.AlikeIsOne }, Split.Val);
        // What is asked about is no dataset yet; other errors leave the images to be looked at.
        if (Problems.TrueForAll(problem => problem.Readings is null)) Name();
        if (_folders.Count == 0 && !HasErrors)
            Problems.Add(new DatasetProblem(ProblemSeverity.Error, null, "There are no images in class folders here.",
                "Put JPEG, PNG, BMP or WebP images into one folder per class."));
    }

    private void Read(FolderTree tree, string folder, LayoutChoice said, Split? only)
    {
        var top = tree.Read(folder);
        if (Enter(top, said) is { } start) Arrange(start, said, only);
        ReportUnusable(tree);
    }

    /// <summary>
    /// The folder that holds splits or classes: inside of the one that somebody named, and of such that hold nothing else.
    /// </summary>
    private FolderNode? Enter(FolderNode top, LayoutChoice said)
    {
        var start = Wrapper.Open(top, ReportBeside);
        var entered = new List<string>();
        foreach (var name in said.Inside?.Split('/') ?? [])
        {
            if (start.Folders.Find(folder => ClassNames.Same(folder.Name, name)) is not { } inner)
            {
                var there = said with { Inside = entered.Count == 0 ? null : string.Join('/', entered) };
                Ask(start, LayoutDetector.Guess(start), there, $"The layout names the folder “{name}”, which is not there.");
                return null;
            }
            entered.Add(name);
            start = Wrapper.Open(inner, ReportBeside);
        }
        return start;
    }

    private void Arrange(FolderNode start, LayoutChoice said, Split? only)
    {
        if (ReportBackslashes(start)) return;
        var guess = said.SaysHow ? new LayoutGuess([said]) : LayoutDetector.Guess(start);
        if (said.Parts.FirstOrDefault(part =>
            !start.Folders.Exists(folder => ClassNames.Same(folder.Name, part.Folder))) is { Folder: { } missing })
        {
            Ask(start, LayoutDetector.Guess(start), said, $"The layout names the folder “{missing}”, which is not there.");
            return;
        }
        if (guess.Question is not null)
        {
            Ask(start, guess, said, guess.Question);
            return;
        }
        var arrangement = Arrangement.Of(root, start, guess.Choices[0]);
        if (only is { } split) arrangement.KeepOnly(split);
        if (said.AlikeIsOne is null && ClassSpelling.Alike(arrangement.Folders) is [var alike, ..])
        {
            var chosen = said.SaysHow ? said : guess.Choices[0] with { Kind = null };
            AskAlike(arrangement, chosen with { Inside = said.Inside }, alike);
        }
        if (arrangement.Folders.Count == 0 && start.OwnImages > 0
            && arrangement.Problems.TrueForAll(problem => problem.Severity != ProblemSeverity.Error))
            Problems.Add(new DatasetProblem(ProblemSeverity.Error, null, "There are no images in class folders here.",
                Unlabelled.Remedy(start)));
        _folders.AddRange(arrangement.Folders);
        Problems.AddRange(arrangement.Problems);
    }

    private void Ask(FolderNode start, LayoutGuess guess, LayoutChoice said, string question) =>
        Add(start, question, [.. guess.Choices.Select(each => ReadingOf(start, each, said))]);

    private FolderReading ReadingOf(FolderNode start, LayoutChoice each, LayoutChoice said)
    {
        var folder = each.Inside?.Split('/').Aggregate(
            start, (outer, name) => Wrapper.Open(outer.Folders.Find(inner => inner.Name == name)!)) ?? start;
        var arrangement = Arrangement.Of(root, folder, each.Inside is null ? each : LayoutDetector.Guess(folder).Choices[0]);
        string?[] path = [said.Inside, each.Inside];
        var inside = string.Join('/', path.Where(part => part is not null)) is { Length: > 0 } joined ? joined : null;
        return FolderReading.Of(
            ClassSpelling.Unify(arrangement.Folders, said.AlikeIsOne ?? false),
            each with { Inside = inside, AlikeIsOne = said.AlikeIsOne }, each.Words);
    }

    private void AskAlike(Arrangement arrangement, LayoutChoice chosen, string[] alike)
    {
        var names = string.Join(" and ", alike.Select(name => $"“{name}”"));
        Add(null, $"The folders {names} are alike: their names differ in upper and lower case, width or invisible letters only.",
        [
            FolderReading.Of(ClassSpelling.Unify(arrangement.Folders, alikeIsOne: true), chosen with { AlikeIsOne = true },
                "Such folders are one class."),
            FolderReading.Of(ClassSpelling.Unify(arrangement.Folders, alikeIsOne: false), chosen with { AlikeIsOne = false },
                "Each is a class of its own."),
        ]);
    }

    private void Add(FolderNode? start, string question, IReadOnlyList<FolderReading> readings) =>
        Problems.Add(new DatasetProblem(ProblemSeverity.Error, start is null ? null : Relative(start.FullPath), question,
            SayWhich) { Readings = readings });

    private void Name()
    {
        var named = ClassSpelling.Unify(_folders, choice.AlikeIsOne ?? false);
        Problems.AddRange(ClassSpelling.Differences(_folders, named));
        foreach (var (name, split, folder) in named)
        {
            ClassFolders.Add((name, split));
            foreach (var file in folder.FilesBelow()) Files.Add(new ClassFile(file, name, split));
        }
    }

    private void ReportUnusable(FolderTree tree)
    {
        foreach (var entry in tree.Unusable)
        {
            var (first, rest, used) = (char.ToUpperInvariant(entry.Reason![0]), entry.Reason[1..],
                entry.Reason.Contains(';', StringComparison.Ordinal));
            Warn(entry.FullPath, $"{first}{rest}{(used ? "" : "; it is not used")}.", entry.Remedy!);
        }
        foreach (var (folder, names) in tree.Foreign) ReportForeign(folder, names);
        if (tree.LitterCount > 0)
            Warn(null, tree.LitterCount == 1
                ? $"1 file or folder is ignored that systems and programs leave behind ({Relative(tree.FirstLitter!)})."
                : $"{tree.LitterCount} files and folders are ignored that systems and programs leave behind, such as "
                    + $"{Relative(tree.FirstLitter!)}.", "Nothing to do.");
    }

    /// <summary>Where folders can't be opened that may be classes, training would leave them out.</summary>
    private void ReportForeign(string folder, ForeignNames foreign)
    {
        var isClass = foreign.Names.Any(each => each.IsFolder)
            && !_folders.Exists(each => (folder + '/').StartsWith(each.Folder.FullPath + '/', StringComparison.Ordinal));
        var many = foreign.Names.Count == 1
            ? "1 name here is not" : FormattableString.Invariant($"{foreign.Names.Count} names here are not");
        Problems.Add(new DatasetProblem(isClass ? ProblemSeverity.Error : ProblemSeverity.Warning, Relative(folder),
            $"{many} UTF-8, so what is called so can't be opened: probably {foreign.Encoding}, such as “{foreign.Guess}”.",
            $"Mend the names with: {foreign.Command(root)} (Debian, Ubuntu: apt-get install convmv). Then scan again."));
    }

    /// <summary>Files whose names hold the folders too: unpacked by a program for which "\" is a letter.</summary>
    private bool ReportBackslashes(FolderNode start)
    {
        var flat = start.Files.FindAll(file => file.Contains('\\', StringComparison.Ordinal));
        if (OperatingSystem.IsWindows() || flat.Count < 2 || start.ImageFolders.Count > 0 || flat.Count * 2 < start.Files.Count)
            return false;
        Problems.Add(new DatasetProblem(ProblemSeverity.Error, Relative(start.FullPath),
            string.Create(CultureInfo.InvariantCulture,
                $"{flat.Count} files have Windows' folders in their names (“{flat[0]}”), because the program that "
                + $"unpacked them made none."),
            "Unpack the zip again with unzip, which makes the folders, or upload the zip here."));
        return true;
    }

    private void ReportBeside(FolderNode wrapper, FolderNode inner)
    {
        foreach (var file in wrapper.Files.Where(file => file != MislabelledFile))
            Warn(Path.Combine(wrapper.FullPath, file),
                $"Lies beside the folder “{inner.Name}”, which is read as the dataset; it is not used.", "Nothing to do.");
        foreach (var folder in wrapper.Folders.Where(folder => folder != inner))
            Warn(folder.FullPath,
                $"Holds no image and lies beside the folder “{inner.Name}”, which is read as the dataset; it is not used.",
                "Nothing to do.");
    }

    private string? Relative(string path) => ImageFolder.Relative(root, path) is var relative && relative == "." ? null : relative;

    private void Warn(string? path, string message, string remedy) =>
        Problems.Add(new DatasetProblem(ProblemSeverity.Warning, path is null ? null : Relative(path), message, remedy));
}

using Training.Core.Images;

namespace Training.Core.Data;

/// <summary>A file that belongs to a class, not yet looked into.</summary>
internal sealed record ClassFile(string FullPath, string ClassName, Split Split);

/// <summary>
/// Walks a dataset's folder: which folders are splits, which are classes, which files lie where. Reads names only. Everything that is
/// left out gets an entry in <see cref="Problems"/>.
/// </summary>
internal sealed class FolderLayout(string root, FolderFence fence, CancellationToken stop)
{
    /// <summary>The demo set's own record of labels that are wrong on purpose lies beside its split folders.</summary>
    public const string MislabelledFile = "mislabelled.csv";

    private const int MaxDepth = 32;
    private static readonly string[] HiddenNames = ["__MACOSX", "Thumbs.db", "desktop.ini"];

    private readonly HashSet<string> _visited = new(StringComparer.Ordinal);
    private int _hidden;
    private string? _firstHidden;

    public List<DatasetProblem> Problems { get; } = [];

    public List<ClassFile> Files { get; } = [];

    /// <summary>Class folders by split, also those without a usable image.</summary>
    public HashSet<(string ClassName, Split Split)> ClassFolders { get; } = [];

    /// <summary>Reads <paramref name="folder"/>, with or without split folders.</summary>
    /// <param name="except">A folder that is read for itself.</param>
    /// <param name="only">Takes only this split's images (a folder without splits counts as it); null: all splits.</param>
    public void Read(DirectoryInfo folder, Split? only = null, string? except = null)
    {
        var (start, children) = Unwrap(folder, except);
        var splits = FindSplits(children);
        if (splits.Count == 0)
        {
            ReadClasses(start, children, only ?? Split.Train);
            return;
        }
        var wanted = only == Split.Val && !splits.Any(part => part.Split == Split.Val) ? Split.Test : only;
        foreach (var (part, split) in splits)
        {
            if (wanted is not null && split != wanted) continue;
            var inner = Deeper(part, split);
            ReadClasses(inner, Children(inner), only ?? split);
        }
        foreach (var child in children.Where(child => splits.TrueForAll(part => part.Folder.FullName != child.FullName)))
            ReportBesideSplits(child);
    }

    /// <summary>The one line about hidden files, once all folders are read.</summary>
    public void ReportHidden()
    {
        if (_hidden == 0) return;
        Warn(null,
            _hidden == 1 ? $"1 hidden file or folder is ignored ({_firstHidden})."
                : $"{_hidden} hidden files and folders are ignored, such as {_firstHidden}.",
            "Nothing to do; they are left by the operating system or by tools.");
    }

    public static Split? SplitOf(string name) => name.ToLowerInvariant() switch
    {
        "train" or "training" or "training_set" => Split.Train,
        "val" or "valid" or "validation" or "validation_set" => Split.Val,
        "test" or "testing" or "test_set" => Split.Test,
        _ => null,
    };

    /// <summary>An archive often holds everything in one folder of its own: that is not a class.</summary>
    private (DirectoryInfo Folder, List<FileSystemInfo> Children) Unwrap(DirectoryInfo folder, string? except)
    {
        _visited.Add(folder.FullName);
        var children = Children(folder);
        children.RemoveAll(child => child.FullName == except);
        if (children is not [DirectoryInfo single] || SplitOf(single.Name) is not null || single.LinkTarget is not null)
            return (folder, children);
        var inner = single.EnumerateDirectories().Count(child => !IsHidden(child));
        return inner >= 2 || inner == 1 && single.EnumerateDirectories().Any(child => SplitOf(child.Name) is not null)
            ? Unwrap(single, except)
            : (folder, children);
    }

    /// <summary>
    /// The split folders, or none. A folder named "train" that holds only images beside other folders of images is a class (of
    /// vehicles, say).
    /// </summary>
    private static List<(DirectoryInfo Folder, Split Split)> FindSplits(List<FileSystemInfo> children)
    {
        var named = children.OfType<DirectoryInfo>()
            .Select(child => (Folder: child, Split: SplitOf(child.Name)))
            .Where(child => child.Split is not null)
            .Select(child => (child.Folder, Split: child.Split!.Value))
            .ToList();
        var allNamed = named.Count == children.OfType<DirectoryInfo>().Count();
        if (named.Count == 0 || allNamed || named.Exists(part => part.Folder.EnumerateDirectories().Any(child => !IsHidden(child))))
            return named;
        return [];
    }

    /// <summary>Kaggle's archives repeat the folder: training_set/training_set/cats.</summary>
    private DirectoryInfo Deeper(DirectoryInfo part, Split split)
    {
        Enter(part);
        var children = part.EnumerateFileSystemInfos().Where(child => !IsHidden(child)).Take(2).ToList();
        return children is [DirectoryInfo single] && SplitOf(single.Name) == split
            && single.EnumerateDirectories().Any(child => !IsHidden(child)) ? single : part;
    }

    private void ReadClasses(DirectoryInfo folder, List<FileSystemInfo> children, Split split)
    {
        foreach (var child in children)
        {
            if (child is DirectoryInfo classFolder)
            {
                ClassFolders.Add((classFolder.Name, split));
                ReadClass(classFolder, classFolder.Name, split, depth: 0);
            }
            else
            {
                ReportOutsideClasses((FileInfo)child, folder);
            }
        }
    }

    private void ReadClass(DirectoryInfo folder, string className, Split split, int depth)
    {
        stop.ThrowIfCancellationRequested();
        if (!Enter(folder)) return;
        if (depth > MaxDepth)
        {
            Warn(folder, "Folders deeper than this are not read.", "Move the images nearer to their class's folder.");
            return;
        }
        foreach (var child in Children(folder))
        {
            if (child is DirectoryInfo inner) ReadClass(inner, className, split, depth + 1);
            else Files.Add(new ClassFile(child.FullName, className, split));
        }
    }

    /// <summary>False for a link that leads back to where the walk is or was: its images would count twice, or for ever.</summary>
    private bool Enter(DirectoryInfo folder)
    {
        var real = folder.FullName;
        if (folder.LinkTarget is not null)
        {
            real = ResolveOrNull(folder);
            if (real is null)
            {
                Warn(folder, "The link leads nowhere.", "Mend or delete the link.");
                return false;
            }
            if (_visited.Contains(real) || (root + '/').StartsWith(real.TrimEnd('/') + '/', StringComparison.Ordinal))
            {
                Warn(folder, "The link leads back to a folder that is read already; it is not followed.", "Delete the link.");
                return false;
            }
        }
        _visited.Add(real);
        return true;
    }

    private static string? ResolveOrNull(DirectoryInfo link)
    {
        try
        {
            return link.ResolveLinkTarget(returnFinalTarget: true) is { Exists: true } target ? target.FullName : null;
        }
        catch (IOException)
        {
            return null;
        }
    }

    /// <summary>Visible children by ordinal name; counts the hidden ones.</summary>
    private List<FileSystemInfo> Children(DirectoryInfo folder)
    {
        var visible = new List<FileSystemInfo>();
        if (!fence.LetsThrough(folder.FullName))
        {
            Warn(folder, "The link leads out of the folders that this dataset may be read from; it is not followed.", "Copy the images here, or delete the link.");
            return visible;
        }
        try
        {
            foreach (var child in folder.EnumerateFileSystemInfos())
            {
                if (IsHidden(child)) CountHidden(child);
                else visible.Add(child);
            }
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            Warn(folder, "The folder can't be read.", "Give the user that runs this program the right to read it.");
        }
        visible.Sort((a, b) => string.CompareOrdinal(a.Name, b.Name));
        return visible;
    }

    private static bool IsHidden(FileSystemInfo child) =>
        child.Name.StartsWith('.') || HiddenNames.Contains(child.Name, StringComparer.OrdinalIgnoreCase);

    private void CountHidden(FileSystemInfo child)
    {
        _hidden++;
        _firstHidden ??= Relative(child);
    }

    private void ReportOutsideClasses(FileInfo file, DirectoryInfo folder)
    {
        // It belongs there, and there is nothing to do about it.
        if (file.Name == MislabelledFile) return;
        if (ImageDecoder.Extensions.Contains(file.Extension))
            Warn(file, "Lies in no class folder, so it has no label; it is not used.", "Move it into the folder of its class.");
        else
            Warn(file, "Is not an image in a class folder; it is not used.", "Nothing to do, or move it out of the dataset's folder.");
    }

    private void ReportBesideSplits(FileSystemInfo child)
    {
        if (child is FileInfo file) ReportOutsideClasses(file, file.Directory!);
        else Warn(child, "Lies beside the split folders and is none of them; its files are not used.",
            "Move it into a split, rename it to train, val or test, or move it out of the dataset's folder.");
    }

    private string Relative(FileSystemInfo item) => ImageFolder.Relative(root, item.FullName);

    private void Warn(FileSystemInfo? item, string message, string remedy) =>
        Problems.Add(new DatasetProblem(ProblemSeverity.Warning, item is null ? null : Relative(item), message, remedy));
}

using Training.Core.Data.Folders;
using Training.Core.Images;

namespace Training.Core.Data;

/// <summary>Reads a folder of labelled photos: a folder per class, with or without split folders above.</summary>
public static class ImageFolder
{
    /// <summary>
    /// Finds splits and classes and checks every file by decoding it; nothing is skipped without an entry in
    /// <see cref="DatasetScan.Problems"/>.
    /// </summary>
    /// <param name="valRoot">
    /// A second folder that holds the validation split, when it lies elsewhere; of <paramref name="root"/> only the train split counts
    /// then. Paths become relative to <paramref name="root"/>, with "../" where need be.
    /// </param>
    /// <param name="progress">Files checked so far, of how many; from any thread, growing.</param>
    /// <param name="fence">What lies outside of it, by a link, isn't read; null: <see cref="FolderFence.None"/>.</param>
    /// <param name="layout">How <paramref name="root"/> is to be read; null: as its structure and names say.</param>
    /// <exception cref="DirectoryNotFoundException">The folder is missing; the message names it.</exception>
    public static DatasetScan Scan(
        string root, string? valRoot = null, IProgress<(int Done, int Total)>? progress = null, FolderFence? fence = null,
        LayoutChoice? layout = null, CancellationToken cancellationToken = default)
    {
        var folder = Require(root);
        fence ??= FolderFence.None;
        var reading = new FolderLayout(folder.FullName, layout ?? LayoutChoice.None, fence, cancellationToken);
        reading.Read(valRoot is null ? null : Require(valRoot).FullName);
        return Assemble(folder.FullName, reading, CheckAll(reading.Files, fence, progress, cancellationToken));
    }

    internal static string Relative(string root, string path) =>
        // Elsewhere "\" is a letter of the name.
        OperatingSystem.IsWindows() ? Path.GetRelativePath(root, path).Replace('\\', '/') : Path.GetRelativePath(root, path);

    private static DirectoryInfo Require(string path)
    {
        var full = Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));
        if (Directory.Exists(full)) return new DirectoryInfo(full);
        throw new DirectoryNotFoundException(File.Exists(full)
            ? $"{full} is a file, not a folder. Give the folder that holds a folder of images per class."
            : $"There is no folder {full}. Check the spelling, and that the disk is mounted.");
    }

    private static FileCheck[] CheckAll(
        List<ClassFile> files, FolderFence fence, IProgress<(int, int)>? progress, CancellationToken cancellationToken)
    {
        var checks = new FileCheck[files.Count];
        var reportEvery = Math.Max(1, files.Count / 200);
        var turn = new Lock();
        var done = 0;
        progress?.Report((0, files.Count));
        var options = new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount, CancellationToken = cancellationToken };
        Parallel.For(0, files.Count, options, index =>
        {
            checks[index] = FileCheck.Of(files[index].FullPath, fence);
            if (progress is null) return;
            lock (turn)
            {
                if (++done % reportEvery == 0 || done == files.Count) progress.Report((done, files.Count));
            }
        });
        cancellationToken.ThrowIfCancellationRequested();
        return checks;
    }

    private static DatasetScan Assemble(string root, FolderLayout layout, FileCheck[] checks)
    {
        string[] classes = [.. layout.ClassFolders.Select(part => part.ClassName).Distinct().Order(StringComparer.Ordinal)];
        var labels = classes.Index().ToDictionary(part => part.Item, part => part.Index, StringComparer.Ordinal);
        var samples = new List<Sample>();
        var problems = new List<DatasetProblem>();
        foreach (var (file, check) in layout.Files.Zip(checks).Select(pair => (pair.First, pair.Second)))
        {
            var path = Relative(root, file.FullPath);
            if (check.Problem is { } problem)
                problems.Add(new DatasetProblem(ProblemSeverity.Warning, path, problem.Message, problem.Remedy));
            if (check.Info is not { } info) continue;
            samples.Add(new Sample(0, path, labels[file.ClassName], file.Split)
            {
                Sha256 = check.Sha256, Bytes = check.Bytes, Width = info.Width, Height = info.Height,
            });
        }
        samples.Sort((a, b) => string.CompareOrdinal(a.Path, b.Path));
        for (var id = 0; id < samples.Count; id++) samples[id] = samples[id] with { Id = id };
        var errors = layout.Problems.Where(problem => problem.Severity == ProblemSeverity.Error).ToList();
        DatasetProblem[] all =
        [
            .. errors,
            // Without classes there is nothing to count, and why there are none is said.
            .. errors.Count > 0 && classes.Length == 0 ? [] : ScanFindings.OfClasses(classes, samples, layout.ClassFolders),
            .. problems.OrderBy(problem => problem.Path, StringComparer.Ordinal),
            .. layout.Problems.Except(errors),
            .. ScanFindings.OfCopies(classes, samples),
        ];
        return new DatasetScan(root, classes, samples, all);
    }
}

/// <summary>The result of looking through a folder. Sample ids are 0.. in path order.</summary>
/// <param name="Classes">Sorted by ordinal, as torchvision's ImageFolder does.</param>
/// <param name="Samples">With the splits as found on disk; all <see cref="Split.Train"/> when the folder has no splits.</param>
/// <param name="Problems">Errors first, then the warnings about classes, files, folders and copies.</param>
public sealed record DatasetScan(
    string Root, IReadOnlyList<string> Classes, IReadOnlyList<Sample> Samples, IReadOnlyList<DatasetProblem> Problems)
{
    /// <summary>What somebody has to decide before the folder can be read; null: nothing.</summary>
    public DatasetProblem? Question => Problems.FirstOrDefault(problem => problem.Readings is not null);

    public DatasetOutline Outline(string name) => DatasetSplit.Outline(name, Classes, Samples, Problems);
}

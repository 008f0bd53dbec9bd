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
    /// <exception cref="DirectoryNotFoundException">The folder is missing; the message names it.</exception>
    public static DatasetScan Scan(
        string root, string? valRoot = null, IProgress<(int Done, int Total)>? progress = null, FolderFence? fence = null,
        CancellationToken stop = default)
    {
        var folder = Require(root);
        fence ??= FolderFence.None;
        var layout = new FolderLayout(folder.FullName, fence, stop);
        if (valRoot is null)
        {
            layout.Read(folder);
        }
        else
        {
            var val = Require(valRoot);
            layout.Read(folder, Split.Train, except: val.FullName);
            layout.Read(val, Split.Val);
        }
        layout.ReportHidden();
        return Assemble(folder.FullName, layout, CheckAll(layout.Files, fence, progress, stop));
    }

    internal static string Relative(string root, string path) => Path.GetRelativePath(root, path).Replace('\\', '/');

    private static DirectoryInfo Require(string path)
    {
        var full = Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));
        if (Directory.Exists(full)) return new DirectoryInfo(full);
        throw new DirectoryNotFoundException(File.Exists(full)
            ? $"{full} is a file, not a folder. Give the folder that holds a folder of images per class."
            : $"There is no folder {full}. Check the spelling, and that the disk is mounted.");
    }

    private static FileCheck[] CheckAll(List<ClassFile> files, FolderFence fence, IProgress<(int, int)>? progress, CancellationToken stop)
    {
        var checks = new FileCheck[files.Count];
        var reportEvery = Math.Max(1, files.Count / 200);
        var turn = new Lock();
        var done = 0;
        progress?.Report((0, files.Count));
        var options = new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount, CancellationToken = stop };
        Parallel.For(0, files.Count, options, index =>
        {
            checks[index] = FileCheck.Of(files[index].FullPath, fence);
            if (progress is null) return;
            lock (turn)
            {
                if (++done % reportEvery == 0 || done == files.Count) progress.Report((done, files.Count));
            }
        });
        stop.ThrowIfCancellationRequested();
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
        DatasetProblem[] all =
        [
            .. ScanFindings.OfClasses(classes, samples, layout.ClassFolders),
            .. problems.OrderBy(problem => problem.Path, StringComparer.Ordinal),
            .. layout.Problems,
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
    public DatasetOutline Outline(string name) => DatasetSplit.Outline(name, Classes, Samples, Problems);
}

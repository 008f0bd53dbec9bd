using System.Text.RegularExpressions;

namespace Training.Core.Data.Folders;

/// <summary>What can be done about images that lie in no class folders, by what lies around them.</summary>
internal static partial class Unlabelled
{
    private const int MaxNamed = 4;

    private static readonly string[] Tables = [".csv", ".tsv", ".json", ".xlsx", ".parquet"];
    private static readonly HashSet<string> BoxFolders = ["labels", "label", "annotations", "annotation", "masks", "mask", "라벨링데이터"];

    /// <param name="folder">Holds the images, directly or one folder deeper.</param>
    /// <param name="around">The folder that it lies in.</param>
    public static string Remedy(FolderNode folder, FolderNode? around = null)
    {
        if (folder.Folders.Concat(around?.Folders ?? [])
            .FirstOrDefault(each => BoxFolders.Contains(ClassNames.Key(each.Name))) is { } boxes)
            return $"“{boxes.Name}” beside them says that this set is made for finding objects (boxes, masks); to classify whole images, "
                + "make a "
                + "folder per class.";
        var files = folder.Files.Concat(around?.Files ?? []);
        if (files.FirstOrDefault(file => Tables.Contains(Path.GetExtension(file).ToLowerInvariant())) is { } table)
            return $"The labels seem to be in {table}, which is not read: move the images into a folder per class by it.";
        var stems = Stems([.. folder.Files, .. folder.Folders.SelectMany(each => each.Files)]);
        return stems.Count > 1
            ? $"The labels seem to be in the files' names ({string.Join(", ", stems)}): move the images into a folder per class."
            : "Put the images into one folder per class.";
    }

    /// <summary>"cat" of "cat.0.jpg" or "cat_12.jpg", where a few of them name all files.</summary>
    private static List<string> Stems(List<string> files)
    {
        var stems = files.Where(FolderNode.LooksLikeImage).Select(file => Numbered().Match(file)).ToList();
        var names = stems.Select(match => match.Groups[1].Value).Distinct(StringComparer.Ordinal).ToList();
        return stems.TrueForAll(match => match.Success) && names.Count * 2 <= stems.Count && names.Count > 1
            ? [.. names.Order(StringComparer.Ordinal).Take(MaxNamed)] : [];
    }

    [GeneratedRegex(@"^(\p{L}[\p{L}\p{M} -]*?)[ ._-]*\(?\d+\)?\.[A-Za-z]+$")]
    private static partial Regex Numbered();
}

namespace Training.Core.Data;

/// <summary>Reads a folder of labelled photos: a folder per class, with or without split folders above.</summary>
public static class ImageFolder
{
    /// <summary>
    /// Finds splits and classes and checks every file by decoding it; nothing is skipped without an entry in
    /// <see cref="DatasetScan.Problems"/>.
    /// </summary>
    /// <param name="valRoot">A second folder that holds the validation split, when it lies elsewhere (must be below or beside: paths become relative to <paramref name="root"/>).</param>
    /// <param name="progress">Files checked so far, of how many.</param>
    /// <exception cref="DirectoryNotFoundException">The folder is missing; the message names it.</exception>
    public static DatasetScan Scan(
        string root, string? valRoot = null, IProgress<(int Done, int Total)>? progress = null, CancellationToken stop = default) =>
        throw new NotImplementedException();
}

/// <summary>The result of looking through a folder. Sample ids are 0.. in path order.</summary>
/// <param name="Classes">Sorted by ordinal, as torchvision's ImageFolder does.</param>
/// <param name="Samples">With the splits as found on disk; all <see cref="Split.Train"/> when the folder has no splits.</param>
public sealed record DatasetScan(
    string Root, IReadOnlyList<string> Classes, IReadOnlyList<Sample> Samples, IReadOnlyList<DatasetProblem> Problems)
{
    public DatasetOutline Outline(string name) => DatasetSplit.Outline(name, Classes, Samples, Problems);
}

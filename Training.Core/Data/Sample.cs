using System.Text.Json.Serialization;
using Training.Core.Data.Folders;

namespace Training.Core.Data;

/// <summary>One labelled image of a dataset.</summary>
/// <param name="Id">From 0, unique in its dataset, stable for the same path over rescans where the dataset is stored.</param>
/// <param name="Path">Relative to the dataset's root, with forward slashes.</param>
/// <param name="Label">Index into the dataset's classes.</param>
public sealed record Sample(int Id, string Path, int Label, Split Split)
{
    /// <summary>Of the file's bytes, lower-case hex.</summary>
    public string Sha256 { get; init; } = "";

    public long Bytes { get; init; }

    /// <summary>Pixels, after EXIF rotation.</summary>
    public int Width { get; init; }

    /// <summary>Pixels, after EXIF rotation.</summary>
    public int Height { get; init; }
}

public enum Split { Train, Val, Test }

public enum ProblemSeverity { Warning, Error }

/// <summary>Something about a dataset that its owner should know. Errors keep a run from starting.</summary>
/// <param name="Path">The file or folder concerned, relative to the root; null for the whole set.</param>
public sealed record DatasetProblem(ProblemSeverity Severity, string? Path, string Message, string Remedy)
{
    /// <summary>What it stands in the way of: a folder that can't be trained on may be fine to evaluate on.</summary>
    public FindingPurpose Purpose { get; init; }

    /// <summary>Where the folder can be read in several ways: what each would give. Somebody has to choose one.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<FolderReading>? Readings { get; init; }

    /// <summary>Not a problem, but what somebody answered: kept among the problems, where later scans find it.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Layout { get; init; }
}

public enum FindingPurpose { Any, Training, Evaluating }

/// <summary>What the recipe's validation has to know of a dataset.</summary>
/// <param name="Counts">[class, split] number of samples; the second axis is indexed by <see cref="Split"/>.</param>
public sealed record DatasetOutline(
    string Name, IReadOnlyList<string> Classes, int[,] Counts, IReadOnlyList<DatasetProblem> Problems)
{
    public int Count(Split split) =>
        Enumerable.Range(0, Classes.Count).Sum(label => Counts[label, (int)split]);

    public int Total => Count(Split.Train) + Count(Split.Val) + Count(Split.Test);
}

using Dashboard.Datasets.Words;
using Training.Core.Data;

namespace Dashboard.Datasets;

/// <summary>What a scan found, for those who shall not learn the names of files that are no images.</summary>
internal static class ProblemNames
{
    /// <summary>Files of other kinds become one line for each thing that is said of them, with their number.</summary>
    public static IReadOnlyList<DatasetProblem> Without(IReadOnlyList<DatasetProblem> problems) =>
    [
        .. problems.Where(problem => !IsOtherFile(problem)),
        .. problems.Where(IsOtherFile).GroupBy(problem => problem with { Path = null })
            .Select(alike => alike.Key with { Message = DatasetWords.OfFiles(alike.Count(), alike.Key.Message) }),
    ];

    private static bool IsOtherFile(DatasetProblem problem) =>
        problem.Path is { } path && !ImageDecoder.Extensions.Contains(Path.GetExtension(path));
}

using Training.Core.Data;

namespace Training.Core.Runs;

/// <summary>What a recipe needs of its dataset.</summary>
internal static class RecipeDatasetRules
{
    public const string DatasetField = "dataset";

    /// <summary>More lines of the same kind would hide the form; the dataset's own page has them all.</summary>
    private const int ProblemsShown = 3;

    public static IEnumerable<RecipeProblem> Errors(Recipe recipe, DatasetOutline dataset)
    {
        var blocking = dataset.Problems.Where(problem => problem.Severity == ProblemSeverity.Error).ToList();
        if (blocking.Count > 0) return Listed(blocking, ProblemSeverity.Error);
        return Own(recipe, dataset);
    }

    public static IEnumerable<RecipeProblem> Warnings(DatasetOutline dataset) =>
        Listed([.. dataset.Problems.Where(problem => problem.Severity == ProblemSeverity.Warning)], ProblemSeverity.Warning);

    // Also where the scan found nothing to say: an outline may come from another source.
    private static IEnumerable<RecipeProblem> Own(Recipe recipe, DatasetOutline dataset)
    {
        if (dataset.Classes.Count < 2)
        {
            yield return Error(DatasetField, $"'{dataset.Name}' has {(dataset.Classes.Count == 1 ? "a single class" : "no class")}: there is nothing to tell apart.",
                "Put the photos into one folder per class, at least two.");
            yield break;
        }
        int train = dataset.TrainCount(recipe.ValFraction), val = dataset.ValCount(recipe.ValFraction);
        if (train < 1)
            yield return Error(DatasetField, $"'{dataset.Name}' has no training images.", "Put photos into its training folder.");
        else if (recipe.BatchSize > train)
            yield return Error("batchSize", $"A batch of {recipe.BatchSize} is larger than the training set: {train} images.", $"Take at most {train}.");
        if (val < 1)
            yield return Error("valFraction", $"No image of '{dataset.Name}' is left for validation.", "Hold out a larger part, or add photos.");
    }

    private static IEnumerable<RecipeProblem> Listed(List<DatasetProblem> problems, ProblemSeverity severity)
    {
        foreach (var problem in problems.Take(problems.Count > ProblemsShown ? ProblemsShown - 1 : ProblemsShown))
            yield return new RecipeProblem(severity, DatasetField, Located(problem), problem.Remedy);
        if (problems.Count > ProblemsShown)
            yield return new RecipeProblem(severity, DatasetField, $"{problems.Count - ProblemsShown + 1} more like this.", "The dataset's page lists them all.");
    }

    private static string Located(DatasetProblem problem) =>
        problem.Path is null || problem.Message.Contains(problem.Path, StringComparison.Ordinal) ? problem.Message : $"{problem.Path}: {problem.Message}";

    private static RecipeProblem Error(string field, string message, string remedy) =>
        new(ProblemSeverity.Error, field, message, remedy);
}

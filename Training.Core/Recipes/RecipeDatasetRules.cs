using Training.Core.Backbones;
using Training.Core.Data;
using Training.Core.Metrics;

namespace Training.Core.Recipes;

/// <summary>What a recipe needs of its dataset.</summary>
internal static class RecipeDatasetRules
{
    public const string DatasetField = "dataset";

    /// <summary>More lines of the same kind would hide the form; the dataset's own page has them all.</summary>
    private const int ProblemsShown = 3;

    public static IEnumerable<RecipeProblem> Errors(Recipe recipe, DatasetOutline dataset)
    {
        var blocking = dataset.Problems.Where(problem =>
            problem is { Severity: ProblemSeverity.Error, Purpose: not FindingPurpose.Evaluating }).ToList();
        if (blocking.Count > 0) return Listed(blocking, ProblemSeverity.Error);
        return Own(recipe, dataset);
    }

    public static IEnumerable<RecipeProblem> Warnings(Recipe recipe, DatasetOutline dataset)
    {
        var own = dataset.Problems.Where(problem =>
            problem is { Severity: ProblemSeverity.Warning, Purpose: not FindingPurpose.Evaluating });
        return Listed([.. own], ProblemSeverity.Warning).Concat(Unmeasured(recipe, dataset));
    }

    /// <summary>Classes whose accuracy will be unknown. Where the split lies on disk, the scan has named those without any image.</summary>
    private static IEnumerable<RecipeProblem> Unmeasured(Recipe recipe, DatasetOutline dataset)
    {
        var held = dataset.HasValidation();
        // A class that nothing is trained on has a finding of its own.
        var coverage = Coverage.Of(dataset.Classes, label =>
            dataset.Counts[label, (int)Split.Train] == 0 ? int.MaxValue : dataset.ValCount(label, recipe.ValFraction));
        if (held) coverage = coverage with { Never = [] };
        foreach (var sentence in coverage.Sentences())
            yield return new RecipeProblem(ProblemSeverity.Warning, held ? DatasetField : "valFraction", sentence,
                held ? "Add images of the class to the validation split." : "Add images of the class: from two on, one at least is held "
                    + "out.");
    }

    // Also where the scan found nothing to say: an outline may come from another source.
    private static IEnumerable<RecipeProblem> Own(Recipe recipe, DatasetOutline dataset)
    {
        if (dataset.Classes.Count < 2)
        {
            yield return Error(DatasetField,
                $"'{dataset.Name}' has {(dataset.Classes.Count == 1 ? "a single class" : "no class")}: there is nothing to tell apart.",
                "Put the photos into one folder per class, at least two.");
            yield break;
        }
        int train = dataset.TrainCount(recipe.ValFraction), val = dataset.ValCount(recipe.ValFraction);
        if (train < 1)
            yield return Error(DatasetField, $"'{dataset.Name}' has no training images.", "Put photos into its training folder.");
        else if (recipe.BatchSize > train)
            yield return Error("batchSize", $"A batch of {recipe.BatchSize} is larger than the training set: {train} images.",
                $"Take at most {train}.");
        else if (SingleValues(recipe, train) is { } norms)
            yield return norms;
        if (val < 1)
            yield return Error("valFraction", $"No image of '{dataset.Name}' is left for validation.",
                "Hold out a larger part, or add photos.");
    }

    /// <summary>
    /// A norm that learns takes mean and deviation over all images and places of a batch: of one image in a map of one place there is no
    /// deviation, and the statistics become NaN. A last batch of one image is left out by itself, so only batches of one have such.
    /// </summary>
    private static RecipeProblem? SingleValues(Recipe recipe, int train)
    {
        var spec = BackboneCatalog.All.FirstOrDefault(each => each.Name == recipe.Backbone);
        var smallest = ProgressiveSize.Of(recipe, epoch: 1);
        if (spec is null || recipe.BatchSize > 1 || recipe.FreezesNorms(train) || spec.MapSide(smallest) > 1) return null;
        List<string> ways = train > 1 ? ["a batchSize of at least 2"] : [];
        ways.Add(spec.MapSide(recipe.ImageSize) > 1 ? "no progressive resizing" : "an imageSize of 64");
        if (recipe.Mode == TrainingMode.FineTune) ways.Add("batchNorm freeze");
        return Error("batchSize",
            $"A batch of one image of {smallest} px leaves the last batch norms one value per channel: no deviation can be taken of that.",
            $"Take {string.Join(", or ", ways)}.");
    }

    private static IEnumerable<RecipeProblem> Listed(List<DatasetProblem> problems, ProblemSeverity severity)
    {
        foreach (var problem in problems.Take(problems.Count > ProblemsShown ? ProblemsShown - 1 : ProblemsShown))
            yield return new RecipeProblem(severity, DatasetField, Located(problem), problem.Remedy);
        if (problems.Count > ProblemsShown)
            yield return new RecipeProblem(severity, DatasetField, $"{problems.Count - ProblemsShown + 1} more like this.",
                "The dataset's page lists them all.");
    }

    private static string Located(DatasetProblem problem) =>
        problem.Path is null || problem.Message.Contains(problem.Path, StringComparison.Ordinal)
        ? problem.Message : $"{problem.Path}: {problem.Message}";

    private static RecipeProblem Error(string field, string message, string remedy) =>
        new(ProblemSeverity.Error, field, message, remedy);
}

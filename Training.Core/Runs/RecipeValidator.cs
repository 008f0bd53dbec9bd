using Training.Core.Data;

namespace Training.Core.Runs;

/// <summary>The one place that says whether a recipe can run.</summary>
public static class RecipeValidator
{
    /// <summary>Checks the fields, and with a dataset also what depends on it (batch larger than the set, one class …).</summary>
    /// <returns>Errors and warnings, each naming its field in camelCase; a run may start when there is no error.</returns>
    public static IReadOnlyList<RecipeProblem> Validate(Recipe recipe, DatasetOutline? dataset = null) =>
        throw new NotImplementedException();
}

/// <param name="Field">The recipe's field in camelCase, such as "learningRate".</param>
/// <param name="Message">What is wrong, in a sentence for people.</param>
/// <param name="Remedy">What to do about it, in a sentence.</param>
public sealed record RecipeProblem(ProblemSeverity Severity, string Field, string Message, string Remedy);

using System.Globalization;
using Dashboard.Runs;
using Microsoft.AspNetCore.Http.HttpResults;
using Training.Core.Data;

namespace Dashboard;

/// <summary>Answers of the API to what can't be done: RFC 9457 problem details that name the field and the remedy.</summary>
internal static class ApiProblems
{
    public const string RecipeDetail = "The recipe can't run; errors says why, by field.";

    public static ProblemHttpResult NoRun(int id) => NotFound(
        string.Create(CultureInfo.InvariantCulture, $"There is no run {id}; it may have been deleted. GET /api/runs lists those that are there."));

    public static ProblemHttpResult NotFound(string detail) =>
        TypedResults.Problem(detail, statusCode: StatusCodes.Status404NotFound, title: "Not found");

    public static ProblemHttpResult NotJson() => TypedResults.Problem(
        "Send the recipe as a JSON object with the header Content-Type: application/json.",
        statusCode: StatusCodes.Status415UnsupportedMediaType, title: "Unsupported media type");

    public static Dictionary<string, string[]> Errors(RecipeException exception) => exception.Problems
        .Where(problem => problem.Severity == ProblemSeverity.Error)
        .GroupBy(problem => problem.Field)
        .ToDictionary(field => field.Key, field => field.Select(problem => $"{problem.Message} {problem.Remedy}".Trim()).ToArray());
}

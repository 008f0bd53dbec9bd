using System.Globalization;
using Dashboard.Runs;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Training.Core.Data;

namespace Dashboard.Api.Problems;

/// <summary>Answers of the API to what can't be done: RFC 9457 problem details that name the field and the remedy.</summary>
internal static class ApiProblems
{
    public const string RecipeDetail = "The recipe can't run; errors says why, by field.";

    public static ProblemHttpResult NoRun(int id) => NotFound(
        string.Create(CultureInfo.InvariantCulture,
            $"There is no run {id}; it may have been deleted. GET /api/runs lists those that are there."));

    public static ProblemHttpResult NotFound(string detail) =>
        TypedResults.Problem(detail, statusCode: StatusCodes.Status404NotFound, title: "Not found");

    public static ProblemHttpResult NotJson() => TypedResults.Problem(
        "Send the recipe as a JSON object with the header Content-Type: application/json.",
        statusCode: StatusCodes.Status415UnsupportedMediaType, title: "Unsupported media type");

    /// <summary>Words for the answers that routing gives by itself.</summary>
    public static void SayWhatToDo(ProblemDetails problem, HttpRequest request) => problem.Detail ??= problem.Status switch
    {
        StatusCodes.Status404NotFound => $"There is nothing at {request.Path}. /openapi/v1.json lists the addresses.",
        StatusCodes.Status405MethodNotAllowed => $"{request.Path} does not take {request.Method}. /openapi/v1.json lists what it takes.",
        StatusCodes.Status415UnsupportedMediaType =>
            $"{request.Path} does not take this kind of body. Send JSON with the header Content-Type: application/json, or see "
                + "/openapi/v1.json.",
        _ => null,
    };

    public static Dictionary<string, string[]> Errors(RecipeException exception) => exception.Problems
        .Where(problem => problem.Severity == ProblemSeverity.Error)
        .GroupBy(problem => problem.Field)
        .ToDictionary(field => field.Key, field => field.Select(problem => $"{problem.Message} {problem.Remedy}".Trim()).ToArray());
}

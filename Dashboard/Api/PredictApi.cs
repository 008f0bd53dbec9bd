using System.Globalization;
using Dashboard.Access.Visitors;
using Dashboard.Api.Problems;
using Dashboard.Runs;
using Dashboard.Runs.TryIt;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Training.Core.Metrics;

namespace Dashboard.Api;

/// <summary>REST of a run's model: images in, classes out.</summary>
internal static class PredictApi
{
    private const long MaxRequestBytes = 512L << 20;
    private const int MostClasses = 100;

    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapPost("/api/runs/{id:int}/predict", PredictAsync).WithTags("Runs").WithName("Predict")
            .WithSummary("What a run's model says of images: an image as the body, or several as a multipart form. ?top= classes are "
                + "named, 5 if not said.")
            .Accepts<IFormFile>("multipart/form-data", "image/jpeg", "image/png", "image/webp", "image/bmp", "application/octet-stream")
            .WithMetadata(new RequestSizeLimitAttribute(MaxRequestBytes),
                new RequestFormLimitsAttribute { MultipartBodyLengthLimit = MaxRequestBytes })
            .DisableAntiforgery()
            // A prediction changes nothing.
            .RequireAuthorization(Rights.CanLook)
            .ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status422UnprocessableEntity)
                .ProducesProblem(StatusCodes.Status409Conflict);

    private static async Task<Results<Ok<List<ImageAnswer>>, ProblemHttpResult>> PredictAsync(
        int id, HttpRequest request, RunStore runs, ImageTrial trial, int? top, CancellationToken cancellationToken)
    {
        if (await runs.GetAsync(id, cancellationToken) is null) return ApiProblems.NoRun(id);
        if (!trial.HasModel(id))
            return TypedResults.Problem(string.Create(CultureInfo.InvariantCulture,
                $"Run {id} has no model.onnx yet: it is written when the run completes, or by the terminal's export."),
                statusCode: StatusCodes.Status409Conflict);
        var wanted = Math.Clamp(top ?? 5, 1, MostClasses);
        try
        {
            return await AnswerAllAsync(id, request, trial, wanted, cancellationToken);
        }
        catch (NotFiniteException error)
        {
            return TypedResults.Problem(error.Message, statusCode: StatusCodes.Status422UnprocessableEntity,
                title: "The model has no answer");
        }
    }

    private static async Task<Results<Ok<List<ImageAnswer>>, ProblemHttpResult>> AnswerAllAsync(
        int id, HttpRequest request, ImageTrial trial, int wanted, CancellationToken cancellationToken)
    {
        var answers = new List<ImageAnswer>();
        if (!request.HasFormContentType)
        {
            answers.Add(await AnswerAsync(trial, id, "", request.Body, wanted, cancellationToken));
            if (answers[0].Error is { } error)
                return TypedResults.Problem($"The body {error}. Send one image as the body, or several as a multipart form.",
                    statusCode: StatusCodes.Status422UnprocessableEntity);
        }
        else
            foreach (var file in (await request.ReadFormAsync(cancellationToken)).Files)
            {
                await using var stream = file.OpenReadStream();
                answers.Add(await AnswerAsync(trial, id, file.FileName, stream, wanted, cancellationToken));
            }
        return answers.Count > 0 ? TypedResults.Ok(answers)
            : TypedResults.Problem("There is no file in the form: send images as multipart files, or one image as the body.",
                statusCode: StatusCodes.Status400BadRequest);
    }

    private static async Task<ImageAnswer> AnswerAsync(
        ImageTrial trial, int id, string name, Stream image, int top, CancellationToken cancellationToken)
    {
        try
        {
            return new ImageAnswer(name, (await trial.TryAsync(id, image, top, withPicture: false, cancellationToken)).Top, null);
        }
        catch (ImageException error)
        {
            return new ImageAnswer(name, [], error.Message);
        }
    }
}

/// <param name="File">As it was sent; empty for a body.</param>
/// <param name="Top">Best first; empty with an error.</param>
/// <param name="Error">Why the image could not be read; null otherwise.</param>
internal sealed record ImageAnswer(string File, IReadOnlyList<ClassProbability> Top, string? Error);

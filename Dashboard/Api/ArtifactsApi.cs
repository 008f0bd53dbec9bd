using System.Globalization;
using System.Text.Json;
using Dashboard.Api.Problems;
using Dashboard.Runs;
using Dashboard.Runs.Artifacts;
using Dashboard.Storage;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;

namespace Dashboard.Api;

/// <summary>REST of the files that a run leaves.</summary>
internal static class ArtifactsApi
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/api/runs/{id:int}/artifacts").WithTags("Artifacts");
        group.MapGet("", ListAsync).WithName("ListArtifacts").WithSummary("The files of a run: name, size, time and address.");
        group.MapGet("/" + ModelZip.Name, GetZipAsync).WithName("GetModelZip")
            .WithSummary("The model with classes, a model card and working programs in C# and Python, as one zip.")
            .Produces(StatusCodes.Status200OK, contentType: "application/zip").ProducesProblem(StatusCodes.Status409Conflict);
        group.MapGet("/{**name}", GetAsync).WithName("GetArtifact")
            .WithSummary("One file of a run, by its name in the list. Ranges are served, so that a broken download can go on.")
            .Produces(StatusCodes.Status200OK, contentType: "application/octet-stream");
    }

    private static async Task<Results<Ok<List<ArtifactView>>, ProblemHttpResult>> ListAsync(
        int id, RunStore runs, IOptions<DashboardOptions> options, CancellationToken cancellationToken)
    {
        if (await runs.GetAsync(id, cancellationToken) is null) return ApiProblems.NoRun(id);
        return TypedResults.Ok(RunArtifacts.List(options.Value.RunFolder(id)).Select(artifact => ArtifactView.Of(id, artifact)).ToList());
    }

    private static async Task<Results<PushStreamHttpResult, ProblemHttpResult>> GetZipAsync(
        int id, HttpContext http, RunStore runs, IOptions<DashboardOptions> options, CancellationToken cancellationToken)
    {
        if (await runs.GetAsync(id, cancellationToken) is not { } run) return ApiProblems.NoRun(id);
        var folder = options.Value.RunFolder(id);
        if (!ModelZip.IsReady(folder))
            return TypedResults.Problem(string.Create(CultureInfo.InvariantCulture,
                $"Run {id} has no model.onnx yet: it is written when the run completes, or by the terminal's export."),
                statusCode: StatusCodes.Status409Conflict);
        try
        {
            // Before the first byte goes out, so that a damaged file is an answer with words.
            var card = await ModelCard.OfAsync(folder, run.Name, cancellationToken);
            // ZipArchive writes an entry's header synchronously even through its asynchronous methods; the contents go asynchronously.
            http.Features.GetRequiredFeature<IHttpBodyControlFeature>().AllowSynchronousIO = true;
            return TypedResults.Stream(body => ModelZip.WriteAsync(folder, card, body, cancellationToken), "application/zip",
                string.Create(CultureInfo.InvariantCulture, $"run-{id}-{ModelZip.Name}"));
        }
        catch (Exception error) when (error is InvalidDataException or IOException or JsonException)
        {
            return TypedResults.Problem(
                $"A file of the run can't be used: {error.Message} The other files are there one by one.",
                statusCode: StatusCodes.Status500InternalServerError);
        }
    }

    private static async Task<Results<PhysicalFileHttpResult, ProblemHttpResult>> GetAsync(
        int id, string name, RunStore runs, IOptions<DashboardOptions> options, CancellationToken cancellationToken)
    {
        if (await runs.GetAsync(id, cancellationToken) is null) return ApiProblems.NoRun(id);
        if (RunArtifacts.Find(options.Value.RunFolder(id), name) is not { } artifact)
            return ApiProblems.NotFound(string.Create(CultureInfo.InvariantCulture,
                $"Run {id} has no file “{name}”. GET /api/runs/{id}/artifacts lists those that are there."));
        // As a download: a browser never shows what a run wrote as a page of this site.
        return TypedResults.PhysicalFile(
            artifact.Path, artifact.ContentType, $"run-{id}-{Path.GetFileName(name)}", artifact.ModifiedAt, enableRangeProcessing: true);
    }
}

/// <param name="Url">Where it is fetched.</param>
internal sealed record ArtifactView(string Name, long Bytes, DateTimeOffset ModifiedAt, string ContentType, string About, string Url)
{
    public static ArtifactView Of(int runId, Artifact artifact) => new(
        artifact.Name, artifact.Bytes, artifact.ModifiedAt, artifact.ContentType, artifact.About,
        string.Create(CultureInfo.InvariantCulture,
            $"/api/runs/{runId}/artifacts/{string.Join('/', artifact.Name.Split('/').Select(Uri.EscapeDataString))}"));
}

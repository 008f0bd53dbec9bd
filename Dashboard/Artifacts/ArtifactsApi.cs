using System.Globalization;
using Dashboard.Runs;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;

namespace Dashboard.Artifacts;

/// <summary>REST of the files that a run leaves.</summary>
internal static class ArtifactsApi
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/api/runs/{id:int}/artifacts").WithTags("Artifacts");
        group.MapGet("", ListAsync).WithName("ListArtifacts").WithSummary("The files of a run: name, size, time and address.");
        group.MapGet("/{**name}", GetAsync).WithName("GetArtifact")
            .WithSummary("One file of a run, by its name in the list. Ranges are served, so that a broken download can go on.")
            .Produces(StatusCodes.Status200OK, contentType: "application/octet-stream");
    }

    private static async Task<Results<Ok<List<ArtifactView>>, ProblemHttpResult>> ListAsync(
        int id, RunStore runs, IOptions<DashboardOptions> options, CancellationToken stop)
    {
        if (await runs.GetAsync(id, stop) is null) return ApiProblems.NoRun(id);
        return TypedResults.Ok(RunArtifacts.List(options.Value.RunFolder(id)).Select(artifact => ArtifactView.Of(id, artifact)).ToList());
    }

    private static async Task<Results<PhysicalFileHttpResult, ProblemHttpResult>> GetAsync(
        int id, string name, RunStore runs, IOptions<DashboardOptions> options, CancellationToken stop)
    {
        if (await runs.GetAsync(id, stop) is null) return ApiProblems.NoRun(id);
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
        string.Create(CultureInfo.InvariantCulture, $"/api/runs/{runId}/artifacts/{string.Join('/', artifact.Name.Split('/').Select(Uri.EscapeDataString))}"));
}

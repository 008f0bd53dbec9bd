using Dashboard.Access.Visitors;
using Dashboard.Api.Problems;
using Dashboard.Dispatch.Clusters;
using Dashboard.Runs;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Dashboard.Api;

/// <summary>Slurm clusters, for admins. Each is also one of /api/machines, where it is drained, paused and removed.</summary>
internal static class ClustersApi
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        var admins = routes.MapGroup("/api/machines/clusters").WithTags("Machines").RequireAuthorization(Rights.CanAdminister);
        admins.MapGet("", async (ClusterStore store, CancellationToken cancellationToken) =>
            TypedResults.Ok((await store.ListAsync(cancellationToken)).Select(ClusterSettings.Of)))
            .WithSummary("The Slurm clusters and how each is reached");
        admins.MapPost("", SaveAsync)
            .WithSummary("Adds a Slurm cluster, or changes one, after a test job has passed all checks. ?untested=true leaves the test out")
            .ProducesProblem(StatusCodes.Status409Conflict);
        admins.MapPost("/test", TestAsync)
            .WithSummary("Sends a test job and says what it found: whether Slurm takes and starts it, and whether its node has what a "
                + "trainer needs");
    }

    private static async Task<Results<Ok<ClusterSettings>, ValidationProblem, ProblemHttpResult>> SaveAsync(
        ClusterSettings settings, bool? untested, ClusterStore store, ClusterTest test, CancellationToken cancellationToken)
    {
        if (Invalid(settings) is { } invalid) return invalid;
        if (untested != true && (await test.RunAsync(settings, cancellationToken: cancellationToken))
            .FirstOrDefault(check => check.Passed != true) is { } failed)
            return TypedResults.Problem($"{failed.Name}: no. {failed.Words} Mend that, or save it as it is with ?untested=true.",
                statusCode: StatusCodes.Status409Conflict, title: "The test job failed");
        return await store.SaveAsync(settings, untested != true, cancellationToken)
            ? TypedResults.Ok(settings)
            : TypedResults.Problem($"name: there is a machine “{settings.Name}” already, which is no cluster. Take another name.",
                statusCode: StatusCodes.Status409Conflict, title: "The name is taken");
    }

    private static async Task<Results<Ok<IReadOnlyList<ClusterCheck>>, ValidationProblem>> TestAsync(
        ClusterSettings settings, ClusterTest test, CancellationToken cancellationToken) =>
        Invalid(settings) is { } invalid ? invalid : TypedResults.Ok(await test.RunAsync(settings, cancellationToken: cancellationToken));

    private static ValidationProblem? Invalid(ClusterSettings settings) => settings.Problems() is { Count: > 0 } problems
        ? TypedResults.ValidationProblem(ApiProblems.Errors(new RecipeException(problems)), "The cluster can't be used as it is described.")
        : null;
}

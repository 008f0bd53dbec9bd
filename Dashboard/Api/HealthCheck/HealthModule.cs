using System.Globalization;
using Dashboard.Access.Visitors;
using Dashboard.Datasets;
using Dashboard.Peers;
using Dashboard.Processes;
using Dashboard.Storage.Outages;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Dashboard.Api.HealthCheck;

/// <summary>For whoever watches the dashboard or waits for its start.</summary>
internal static class HealthModule
{
    public static void MapHealth(this IEndpointRouteBuilder routes) => routes.MapGet("/health", AnswerAsync).WithTags("Health")
        .WithSummary("Whether the dashboard answers and reaches its database and its data root (503 if not), and which parts of it fail "
            + "since when.");

    private static async Task<Results<Ok<Health>, JsonHttpResult<Health>>> AnswerAsync(
        RedisLink redis, DemoReadiness demos, PartsHealth parts, DiskHealth disks, OutageWatch watch, StorageOutages outages,
        HttpContext context, CancellationToken cancellationToken)
    {
        // Asked for, not remembered: an idle dashboard has not noticed.
        await watch.LookAsync(askDatabase: true, cancellationToken);
        if (outages.Current is not { } outage)
            return TypedResults.Ok(Health.Of(!demos.IsReady, redis.SilentSince, parts.Failing,
                await disks.WordsAsync(Visitor.Of(context.User), cancellationToken)));
        context.Response.Headers.RetryAfter = Outage.RetryAfterSeconds;
        var health = Health.Of(!demos.IsReady, redis.SilentSince, parts.Failing) with { Status = "unhealthy", Words = Words(outage) };
        return TypedResults.Json(health, statusCode: StatusCodes.Status503ServiceUnavailable);
    }

    // Strangers may ask too: where the data lies is not for them.
    private static string Words(Outage outage) => outage.Kind == OutageKind.DataRoot
        ? string.Create(CultureInfo.InvariantCulture,
            $"The data root can't be reached since {outage.Since:u}: it was deleted or replaced, or its disk is away. Pages and the log "
                + $"say more.")
        : string.Create(CultureInfo.InvariantCulture, $"The database doesn't answer since {outage.Since:u}.");
}

using System.Globalization;
using System.Text.Json;
using Dashboard.Access.Doors;
using Dashboard.Api.Problems;
using Dashboard.Api.Views;
using Dashboard.Datasets;
using Dashboard.Dispatch.Clusters;
using Dashboard.Runs;
using Dashboard.Runs.Submission;
using Dashboard.Storage;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Training.Core.Recipes;

namespace Dashboard.Api;

/// <summary>REST of runs.</summary>
internal static class RunsApi
{
    private const int MaxBodyBytes = 1 << 20;

    /// <summary>As draft-ietf-httpapi-idempotency-key-header has it.</summary>
    private const string KeyHeader = "Idempotency-Key";

    public static void Map(IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/api/runs").WithTags("Runs");
        group.MapGet("", ListAsync).WithName("ListRuns")
            .WithSummary("All runs: live ones first, then the queue in order, then ended ones, newest first.");
        group.MapPost("", SubmitAsync).WithName("SubmitRun").Accepts<Recipe>("application/json")
            .WithMetadata(new RequestSizeLimitAttribute(MaxBodyBytes))
            .WithSummary("Queues a run. Only dataset is required; the other fields start from preset, or from the preset of mode. A request "
                + "that is sent again with the same header Idempotency-Key gets the run that the first one made.")
            .ProducesProblem(StatusCodes.Status415UnsupportedMediaType);
        group.MapGet("/{id:int}", GetAsync).WithName("GetRun")
            .WithSummary("State, reason, progress, time left, best epoch and recipe of a run.");
        group.MapGet("/{id:int}/attempts", AttemptsAsync).WithName("GetAttempts")
            .WithSummary("All launches of a run, in order: where each began, when it ended and why.");
        group.MapPost("/{id:int}/stop", StopAsync).WithName("StopRun")
            .WithSummary("A queued run ends at once; a live one ends within seconds and keeps its best weights; an ended one stays as it "
                + "is.");
        group.MapPost("/{id:int}/pause", PauseAsync).WithName("PauseRun")
            .WithSummary("A live run writes a checkpoint and frees its device; a queued one is held back; a paused one stays as it is.")
            .ProducesProblem(StatusCodes.Status409Conflict);
        group.MapPost("/{id:int}/resume", ResumeAsync).WithName("ResumeRun")
            .WithSummary("A paused run, or a stopped or failed one that left a checkpoint, goes on from it as soon as a device is free.")
            .ProducesProblem(StatusCodes.Status409Conflict);
        group.MapPost("/{id:int}/move", MoveAsync).WithName("MoveRun")
            .WithSummary("Puts a waiting run before another one of the queue, or first of all without ?before=.")
            .ProducesProblem(StatusCodes.Status409Conflict);
        group.MapPost("/{id:int}/priority", SetPriorityAsync).WithName("SetPriority")
            .WithSummary("Lets a run wait before all of lower priority: ?to=low, normal or high.")
            .ProducesProblem(StatusCodes.Status409Conflict);
        group.MapPost("/{id:int}/clone", CloneAsync).WithName("CloneRun").Accepts<Recipe>(isOptional: true, "application/json")
            .WithMetadata(new RequestSizeLimitAttribute(MaxBodyBytes))
            .WithSummary("Queues a new run with the recipe of this one; fields in the body replace its own.")
            .ProducesProblem(StatusCodes.Status415UnsupportedMediaType);
        group.MapDelete("/{id:int}", DeleteAsync).WithName("DeleteRun")
            .WithSummary("Removes a run with its files. A live run has to be stopped first (409).")
            .ProducesProblem(StatusCodes.Status409Conflict);
    }

    private static async Task<Ok<List<RunView>>> ListAsync(
        RunStore runs, ClusterJobs jobs, RefusalLog told, ILoggerFactory logs, TimeProvider time, CancellationToken cancellationToken)
    {
        var (now, live) = (time.GetUtcNow(), await jobs.LiveAsync(cancellationToken));
        List<RunView> views = [];
        foreach (var run in await runs.ListAsync(cancellationToken))
        {
            try
            {
                views.Add(RunView.Of(run, now, live.GetValueOrDefault(run.Id)));
            }
            catch (JsonException e)
            {
                // One recipe of another version must not hide all the others.
                if (told.IsNew($"run {run.Id} in a list")) logs.CreateLogger(typeof(RunsApi)).LogNotListed(e, run.Id);
            }
        }
        return TypedResults.Ok(views);
    }

    private static async Task<Results<Ok<RunView>, ProblemHttpResult>> GetAsync(
        int id, RunStore runs, ClusterJobs jobs, TimeProvider time, CancellationToken cancellationToken)
    {
        if (await runs.GetAsync(id, cancellationToken) is not { } run) return ApiProblems.NoRun(id);
        return TypedResults.Ok(
            RunView.Of(run, time.GetUtcNow(), run.State.IsLive() ? await jobs.GetAsync(id, run.Attempt, cancellationToken) : null));
    }

    private static async Task<Results<Ok<List<AttemptView>>, ProblemHttpResult>> AttemptsAsync(
        int id, RunStore runs, ClusterJobs jobs, CancellationToken cancellationToken)
    {
        if (await runs.GetAsync(id, cancellationToken) is null) return ApiProblems.NoRun(id);
        var ofRun = await jobs.OfRunAsync(id, cancellationToken);
        return TypedResults.Ok((await runs.AttemptsAsync(id, cancellationToken))
            .Select(row => AttemptView.Of(row, ofRun.GetValueOrDefault(row.Number))).ToList());
    }

    private static async Task<Results<Ok<RunView>, ProblemHttpResult>> MoveAsync(
        int id, int? before, RunService service, RunStore runs, TimeProvider time, CancellationToken cancellationToken)
    {
        if (await runs.GetAsync(id, cancellationToken) is not { } run) return ApiProblems.NoRun(id);
        return await service.MoveInQueueAsync(id, before, cancellationToken)
            ? TypedResults.Ok(RunView.Of((await runs.GetAsync(id, cancellationToken))!, time.GetUtcNow()))
            : TypedResults.Problem($"Only runs that wait can change places: “{run.Name}” is {run.State}, or the other one doesn't wait.",
                statusCode: StatusCodes.Status409Conflict);
    }

    private static async Task<Results<Ok<RunView>, ValidationProblem, ProblemHttpResult>> SetPriorityAsync(
        int id, string? to, RunService service, RunStore runs, TimeProvider time, CancellationToken cancellationToken)
    {
        if (!Enum.TryParse<RunPriority>(to, ignoreCase: true, out var priority) || !Enum.IsDefined(priority))
            return TypedResults.ValidationProblem(new Dictionary<string, string[]> { ["to"] = [$"“{to}” is no priority. Take one of: low, "
                + "normal, high."] });
        if (await runs.GetAsync(id, cancellationToken) is not { } run) return ApiProblems.NoRun(id);
        return await service.SetPriorityAsync(id, priority, cancellationToken)
            ? TypedResults.Ok(RunView.Of((await runs.GetAsync(id, cancellationToken))!, time.GetUtcNow()))
            : TypedResults.Problem($"“{run.Name}” has ended: it waits for nothing.", statusCode: StatusCodes.Status409Conflict);
    }

    private static Task<Results<Created<RunView>, ValidationProblem, ProblemHttpResult>> SubmitAsync(
        HttpRequest request, RunService service, DatasetStore datasets, TimeProvider time, CancellationToken cancellationToken) =>
        QueueAsync(request, null, service, datasets, time, cancellationToken);

    private static async Task<Results<Created<RunView>, ValidationProblem, ProblemHttpResult>> CloneAsync(
        int id, HttpRequest request, RunService service, DatasetStore datasets, TimeProvider time, CancellationToken cancellationToken)
    {
        if (await service.CloneRecipeAsync(id, cancellationToken) is not { } recipe) return ApiProblems.NoRun(id);
        return await QueueAsync(request, recipe, service, datasets, time, cancellationToken);
    }

    private static async Task<Results<Ok<RunView>, ProblemHttpResult>> StopAsync(
        int id, RunService service, RunStore runs, ClusterJobs jobs, TimeProvider time, CancellationToken cancellationToken) =>
        (await service.StopAsync(id, cancellationToken)).IsFound
        ? await GetAsync(id, runs, jobs, time, cancellationToken) : ApiProblems.NoRun(id);

    private static Task<Results<Ok<RunView>, ProblemHttpResult>> PauseAsync(
        int id, RunService service, RunStore runs, ClusterJobs jobs, TimeProvider time, CancellationToken cancellationToken) =>
        ChangeAsync(id, service.PauseAsync, "Run can't be paused", runs, jobs, time, cancellationToken);

    private static Task<Results<Ok<RunView>, ProblemHttpResult>> ResumeAsync(
        int id, RunService service, RunStore runs, ClusterJobs jobs, TimeProvider time, CancellationToken cancellationToken) =>
        ChangeAsync(id, service.ResumeAsync, "Run can't be resumed", runs, jobs, time, cancellationToken);

    private static async Task<Results<Ok<RunView>, ProblemHttpResult>> ChangeAsync(
        int id, Func<int, CancellationToken, Task<CommandResult>> change, string refusal, RunStore runs, ClusterJobs jobs,
        TimeProvider time, CancellationToken cancellationToken)
    {
        var result = await change(id, cancellationToken);
        if (!result.IsFound) return ApiProblems.NoRun(id);
        return result.Problem is { } problem
            ? TypedResults.Problem(problem, statusCode: StatusCodes.Status409Conflict, title: refusal)
            : await GetAsync(id, runs, jobs, time, cancellationToken);
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> DeleteAsync(
        int id, RunService service, CancellationToken cancellationToken)
    {
        var result = await service.DeleteAsync(id, cancellationToken);
        if (!result.IsFound) return ApiProblems.NoRun(id);
        return result.Problem is { } problem
            ? TypedResults.Problem(problem, statusCode: StatusCodes.Status409Conflict, title: "Run is live")
            : TypedResults.NoContent();
    }

    /// <param name="basis">The recipe that is cloned; its body may be empty.</param>
    private static async Task<Results<Created<RunView>, ValidationProblem, ProblemHttpResult>> QueueAsync(
        HttpRequest request, Recipe? basis, RunService service, DatasetStore datasets, TimeProvider time,
        CancellationToken cancellationToken)
    {
        var key = request.Headers[KeyHeader].ToString();
        if (key.Length > RepeatedRequests.MostCharacters)
            return TypedResults.ValidationProblem(new Dictionary<string, string[]>
            {
                [KeyHeader] = [$"It has {key.Length} characters; {RepeatedRequests.MostCharacters} at most. Take a random one, such as a UUID."],
            });
        var recipe = basis;
        if (basis is null || request.ContentLength > 0 || request.HasJsonContentType())
        {
            if (!request.HasJsonContentType()) return ApiProblems.NotJson();
            var input = new RecipeInput();
            recipe = await input.ReadAsync(request.Body, basis, cancellationToken);
            var fits = basis is not null || input.Has("batchSize");
            if (recipe is null)
                return TypedResults.ValidationProblem(await AllErrorsAsync(input, fits, service, datasets, cancellationToken),
                    ApiProblems.RecipeDetail);
            if (!fits) recipe = await FitAsync(recipe, datasets, cancellationToken);
        }
        try
        {
            var run = await service.SubmitAsync(recipe!, key, cancellationToken);
            return TypedResults.Created(string.Create(CultureInfo.InvariantCulture, $"/api/runs/{run.Id}"),
                RunView.Of(run, time.GetUtcNow()));
        }
        catch (RecipeException exception)
        {
            return TypedResults.ValidationProblem(ApiProblems.Errors(exception), ApiProblems.RecipeDetail);
        }
    }

    /// <summary>Beside what can't be read, what is wrong with the rest: one answer names every field.</summary>
    private static async Task<IDictionary<string, string[]>> AllErrorsAsync(
        RecipeInput input, bool fits, RunService service, DatasetStore datasets, CancellationToken cancellationToken)
    {
        if (input.Readable is not { } readable) return input.Errors;
        var problems = await service.CheckAsync(fits ? readable : await FitAsync(readable, datasets, cancellationToken), cancellationToken);
        foreach (var (field, messages) in ApiProblems.Errors(new RecipeException(problems))) input.Errors.TryAdd(field, messages);
        return input.Errors;
    }

    /// <summary>A default must not be too large for the dataset.</summary>
    private static async Task<Recipe> FitAsync(Recipe recipe, DatasetStore datasets, CancellationToken cancellationToken) =>
        await datasets.FindAsync(recipe.Dataset, cancellationToken) is { State: DatasetState.Ready } dataset
        ? recipe.FitTo(datasets.Outline(dataset)) : recipe;
}

internal static partial class RunsApiLog
{
    [LoggerMessage(LogLevel.Error, "Run {RunId} is left out of the list: its recipe can't be read")]
    public static partial void LogNotListed(this ILogger logger, Exception exception, int runId);
}

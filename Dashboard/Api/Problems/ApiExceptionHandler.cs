using System.Diagnostics;
using System.Text.Json;
using Dashboard.Processes;
using Dashboard.Runs;
using Dashboard.Storage;
using Dashboard.Storage.Outages;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Dashboard.Api.Problems;

/// <summary>
/// What no endpoint caught becomes problem details: a refusal with its own words, anything else as a fault of the dashboard whose text and
/// stack trace go to the log only.
/// </summary>
internal sealed partial class ApiExceptionHandler(ILogger<ApiExceptionHandler> log) : IExceptionHandler
{
    public async ValueTask<bool> TryHandleAsync(HttpContext httpContext, Exception exception, CancellationToken cancellationToken)
    {
        if (httpContext.RequestAborted.IsCancellationRequested) return true;
        if (!httpContext.Request.Path.StartsWithSegments("/api", StringComparison.Ordinal)) return await PageAsync(httpContext, exception);
        await Answer(httpContext, exception).ExecuteAsync(httpContext);
        return true;
    }

    private IResult Answer(HttpContext context, Exception exception) => exception switch
    {
        RecipeException recipe => TypedResults.ValidationProblem(ApiProblems.Errors(recipe), ApiProblems.RecipeDetail),
        RefusalException { Field: { } field } refusal => TypedResults.ValidationProblem(Of(field, refusal.Message)),
        BadHttpRequestException { InnerException: JsonException json } => TypedResults.ValidationProblem(
            Of(Field(json), "The value is not of the form that is expected here, or the JSON is broken. /openapi/v1.json describes it.")),
        BadHttpRequestException { StatusCode: StatusCodes.Status413PayloadTooLarge } => TypedResults.Problem(
            "The body is larger than is taken here.", statusCode: StatusCodes.Status413PayloadTooLarge),
        BadHttpRequestException bad => TypedResults.Problem(bad.Message, statusCode: bad.StatusCode),
        _ when Outage.Of(exception) is not null => Away(context, exception),
        StorageException storage => Storage(context, storage),
        _ when StorageException.IsDiskFull(exception) => Storage(context, StorageException.Explain(exception, "the data root")!),
        RefusalException refusal => TypedResults.Problem(refusal.Message, statusCode: StatusCodes.Status409Conflict, title: "Refused"),
        _ => Fault(context, exception),
    };

    private ProblemHttpResult Storage(HttpContext context, StorageException exception)
    {
        LogFault(exception, context.Request.Method, context.Request.Path, Reference(context));
        return TypedResults.Problem(exception.Message, statusCode: StatusCodes.Status507InsufficientStorage,
            title: "The data can't be stored or read");
    }

    private ProblemHttpResult Away(HttpContext context, Exception exception)
    {
        LogAway(context.Request.Method, context.Request.Path, exception.GetBaseException().Message);
        context.Response.Headers.RetryAfter = Outage.RetryAfterSeconds;
        return TypedResults.Problem(Outage.NotDone(exception), statusCode: StatusCodes.Status503ServiceUnavailable,
            title: "Out of reach for the moment");
    }

    private ProblemHttpResult Fault(HttpContext context, Exception exception)
    {
        var reference = Reference(context);
        LogFault(exception, context.Request.Method, context.Request.Path, reference);
        return TypedResults.Problem(
            $"This is a fault of the dashboard. Its log, which it prints where it was started, has the reason under {reference}.",
            statusCode: StatusCodes.Status500InternalServerError, title: "Something went wrong");
    }

    private async Task<bool> PageAsync(HttpContext context, Exception exception)
    {
        if (context.Response.HasStarted) return false;
        if (Outage.Of(exception) is not null) return await AwayPageAsync(context, exception);
        var reference = Reference(context);
        LogFault(exception, context.Request.Method, context.Request.Path, reference);
        context.Response.StatusCode = StatusCodes.Status500InternalServerError;
        context.Response.ContentType = "text/plain; charset=utf-8";
        await context.Response.WriteAsync("Something went wrong while this page was made. Load it again; if that does not help, the "
            + $"dashboard's log has the reason under {reference}.");
        return true;
    }

    /// <summary>Who signed in can't be told without the database; a page that was asked for asks again by itself.</summary>
    private async Task<bool> AwayPageAsync(HttpContext context, Exception exception)
    {
        LogAway(context.Request.Method, context.Request.Path, exception.GetBaseException().Message);
        context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
        context.Response.Headers.RetryAfter = Outage.RetryAfterSeconds;
        if (HttpMethods.IsGet(context.Request.Method)) context.Response.Headers["Refresh"] = Outage.RetryAfterSeconds;
        context.Response.ContentType = "text/plain; charset=utf-8";
        await context.Response.WriteAsync($"{Outage.NotDone(exception)} This page asks again by itself.");
        return true;
    }

    private static string Reference(HttpContext context) => Activity.Current?.TraceId.ToString() ?? context.TraceIdentifier;

    private static Dictionary<string, string[]> Of(string field, string message) => new() { [field] = [message] };

    /// <summary>"$.samples[3].label" is the field "samples[3].label".</summary>
    private static string Field(JsonException exception) => exception.Path is { Length: > 2 } path ? path[2..] : "body";

    [LoggerMessage(LogLevel.Warning, "{Method} {Path} was not answered, since what it needs is away: {Reason}")]
    private partial void LogAway(string method, string path, string reason);

    [LoggerMessage(LogLevel.Error, "{Method} {Path} failed ({Reference})")]
    private partial void LogFault(Exception exception, string method, string path, string reference);
}

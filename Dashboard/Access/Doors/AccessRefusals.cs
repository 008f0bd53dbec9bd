using Dashboard.Access.Accounts;
using Dashboard.Access.Visitors;
using Dashboard.Protocol;
using Dashboard.Storage;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Authorization.Policy;
using Microsoft.AspNetCore.Components.Endpoints;

namespace Dashboard.Access.Doors;

/// <summary>
/// What those get to hear who may not come in: people are led to the page for it, programs get problem details with the remedy.
/// </summary>
internal sealed partial class AccessRefusals(OwnNames names, RefusalLog refusals, ILogger<AccessRefusals> logger)
    : IAuthorizationMiddlewareResultHandler
{
    public static Task RefuseAsync(
        HttpContext context, string words, int status = StatusCodes.Status403Forbidden, string title = "Refused") =>
        TypedResults.Problem(words, statusCode: status, title: title).ExecuteAsync(context);

    public Task HandleAsync(
        RequestDelegate next, HttpContext context, AuthorizationPolicy policy, PolicyAuthorizationResult authorizeResult)
    {
        if (authorizeResult.Succeeded) return next(context);
        return Visitor.Of(context.User) is { } visitor ? ForbidAsync(next, context, policy, visitor) : AskAsync(context);
    }

    private Task AskAsync(HttpContext context)
    {
        var request = context.Request;
        if (IsForPeople(request))
        {
            context.Response.Headers.CacheControl = "no-store";
            context.Response.Redirect(AccountPaths.SignInAndReturn(request.Path + request.QueryString));
            return Task.CompletedTask;
        }
        context.Response.Headers.WWWAuthenticate = "Bearer";
        if (VisitorHandler.HasToken(request)) NoteToken(context);
        return RefuseAsync(context, Remedy(context), StatusCodes.Status401Unauthorized, "Sign in first");
    }

    private void NoteToken(HttpContext context)
    {
        var address = context.Connection.RemoteIpAddress?.ToString() ?? "an unknown address";
        if (refusals.IsNew($"{address} token")) LogTokenUnknown(address, context.Request.Method, ForeignText.Line(context.Request.Path));
    }

    /// <summary>For people: why this computer's own browser has to sign in; null when that isn't so.</summary>
    public string? NameHint(HttpContext context) => CallOrigin.Of(context) is { IsLoopback: true, IsForwarded: false, IsOwnName: false }
        ? DoorWords.NameUnknown(context.Request.Host.Host, context.Connection.LocalPort, OwnNames.Key, names.ToString())
        : null;

    /// <summary>For programs: why this computer's own one has to send a token; null when that isn't so.</summary>
    private static string? ProxyHint(HttpContext context) => CallOrigin.Of(context) is { IsLoopback: true, ProxySign: { } sign }
        ? DoorWords.CameOverProxy(sign, AccountPaths.Accounts)
        : null;

    private string Remedy(HttpContext context) => VisitorHandler.HasToken(context.Request)
        ? DoorWords.TokenUnknown(AccountPaths.Accounts)
        : NameHint(context) ?? ProxyHint(context) ?? DoorWords.SignInFirst(AccountPaths.Accounts, AccountPaths.SignIn);

    /// <summary>A page says it itself, with the menu around; its own check keeps what it would show.</summary>
    private static Task ForbidAsync(RequestDelegate next, HttpContext context, AuthorizationPolicy policy, Visitor visitor)
    {
        if (IsForPeople(context.Request) && context.GetEndpoint()?.Metadata.GetMetadata<ComponentTypeMetadata>() is not null)
        {
            context.Response.StatusCode = StatusCodes.Status403Forbidden;
            return next(context);
        }
        return RefuseAsync(context,
            DoorWords.RoleTooLow(Word(NeededBy(policy, context)), visitor.Name, Word(visitor.Role), AccountPaths.Accounts));
    }

    private static AccountRole NeededBy(AuthorizationPolicy policy, HttpContext context) =>
        policy.Requirements.OfType<RoleNeeded>().Select(needed => (AccountRole?)needed.Role).Max() ?? RequestRights.Needed(context.Request);

    private static string Word(AccountRole role) => role.ToString().ToLowerInvariant();

    private static bool IsForPeople(HttpRequest request) =>
        OpenPaths.IsRead(request)
        && !request.Path.StartsWithSegments("/api", StringComparison.OrdinalIgnoreCase)
        && request.Headers.Accept.ToString().Contains("text/html", StringComparison.OrdinalIgnoreCase);

    [LoggerMessage(LogLevel.Warning, "A program at {Address} sent a token that is not known, or no longer: {Method} of {Path} was refused; "
        + "further requests with such a token from there are not told of")]
    private partial void LogTokenUnknown(string address, string method, string path);
}

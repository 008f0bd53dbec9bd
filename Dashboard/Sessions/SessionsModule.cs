using Dashboard.Accounts;
using Dashboard.Visitors;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Dashboard.Sessions;

public static class SessionsModule
{
    /// <summary>Where the forms of <see cref="SignedIn"/> and <see cref="SessionList"/> post to.</summary>
    internal const string SignOutPath = "/sign-out", EverywherePath = SignOutPath + "/everywhere";

    /// <summary>A page of another site can't post here: see Doors/ForeignPages.</summary>
    public static void MapSessions(this IEndpointRouteBuilder routes)
    {
        ArgumentNullException.ThrowIfNull(routes);
        routes.MapPost(SignOutPath, (Delegate)SignOutAsync).ExcludeFromDescription();
        routes.MapPost(EverywherePath, SignOutEverywhereAsync).ExcludeFromDescription();
        routes.MapPost(SignOutPath + "/{id:int}", EndAsync).ExcludeFromDescription();
    }

    private static async Task<RedirectHttpResult> SignOutAsync(HttpContext context)
    {
        await SignIn.OutAsync(context);
        return TypedResults.Redirect(SignInPage.Path);
    }

    private static async Task<RedirectHttpResult> SignOutEverywhereAsync(HttpContext context, SessionStore sessions)
    {
        if (Visitor.Of(context.User)?.AccountId is { } account) await sessions.EndAllAsync(account, context.RequestAborted);
        await SignIn.OutAsync(context);
        return TypedResults.Redirect(SignInPage.Path);
    }

    private static async Task<RedirectHttpResult> EndAsync(int id, HttpContext context, SessionStore sessions)
    {
        if (Visitor.Of(context.User)?.AccountId is { } account) await sessions.EndAsync(account, id, context.RequestAborted);
        return TypedResults.Redirect(PasswordPage.Path);
    }
}

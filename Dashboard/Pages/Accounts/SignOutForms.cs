using Dashboard.Access.Accounts;
using Dashboard.Access.Visitors;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Dashboard.Pages.Accounts;

public static class SignOutForms
{
    /// <summary>Where the forms of <see cref="SignedIn"/> and <see cref="SessionList"/> post to.</summary>
    internal const string EverywherePath = AccountPaths.SignOut + "/everywhere";

    /// <summary>A page of another site can't post here: see Doors/ForeignPages.</summary>
    public static void MapSignOut(this IEndpointRouteBuilder routes)
    {
        ArgumentNullException.ThrowIfNull(routes);
        routes.MapPost(AccountPaths.SignOut, (Delegate)SignOutAsync).ExcludeFromDescription();
        routes.MapPost(EverywherePath, SignOutEverywhereAsync).ExcludeFromDescription();
        routes.MapPost(AccountPaths.SignOut + "/{id:int}", EndAsync).ExcludeFromDescription();
    }

    private static async Task<RedirectHttpResult> SignOutAsync(HttpContext context)
    {
        await SignIn.OutAsync(context);
        return TypedResults.Redirect(AccountPaths.SignIn);
    }

    private static async Task<RedirectHttpResult> SignOutEverywhereAsync(HttpContext context, SessionStore sessions)
    {
        if (Visitor.Of(context.User)?.AccountId is { } account) await sessions.EndAllAsync(account, context.RequestAborted);
        await SignIn.OutAsync(context);
        return TypedResults.Redirect(AccountPaths.SignIn);
    }

    private static async Task<RedirectHttpResult> EndAsync(int id, HttpContext context, SessionStore sessions)
    {
        if (Visitor.Of(context.User)?.AccountId is { } account) await sessions.EndAsync(account, id, context.RequestAborted);
        return TypedResults.Redirect(AccountPaths.Password);
    }
}

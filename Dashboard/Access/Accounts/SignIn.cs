using System.Security.Claims;
using System.Security.Cryptography;
using System.Text;
using Dashboard.Access.Visitors;
using Dashboard.Storage;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Options;

namespace Dashboard.Access.Accounts;

/// <summary>The cookie that somebody who signed in carries; it names a session, see <see cref="SessionStore"/>.</summary>
internal static class SignIn
{
    public static string Scheme => IdentityConstants.ApplicationScheme;

    /// <summary>Begins a session; one that this browser has already ends.</summary>
    public static async Task InAsync(HttpContext context, AccountRow account, bool keep)
    {
        var sessions = context.RequestServices.GetRequiredService<SessionStore>();
        await EndAsync(context);
        var browser = BrowserName.Of(context.Request.Headers.UserAgent.ToString());
        var key = await sessions.BeginAsync(account.Id, browser, AddressOf(context), context.RequestAborted);
        await context.SignInAsync(Scheme, Visitor.Of(account).ToPrincipal(Scheme, account.SecurityStamp, key),
            new AuthenticationProperties { IsPersistent = keep });
    }

    /// <summary>Ends the session at the server too: a cookie that was copied before opens nothing any more.</summary>
    public static async Task OutAsync(HttpContext context)
    {
        await EndAsync(context);
        await context.SignOutAsync(Scheme);
    }

    public static void Configure(CookieAuthenticationOptions cookie, IOptions<DashboardOptions> options)
    {
        // Cookies don't know ports: two dashboards on one computer would sign each other's people out.
        var place = SHA256.HashData(Encoding.UTF8.GetBytes(Path.GetFullPath(options.Value.DataRoot)));
        cookie.Cookie.Name = $"fine-tune-{Convert.ToHexStringLower(place)[..8]}";
        cookie.Cookie.HttpOnly = true;
        cookie.Cookie.SameSite = SameSiteMode.Lax;
        cookie.Cookie.SecurePolicy = CookieSecurePolicy.SameAsRequest;
        (cookie.ExpireTimeSpan, cookie.SlidingExpiration) = (SessionStore.Lasts, true);
        cookie.Events.OnValidatePrincipal = ValidateAsync;
    }

    /// <summary>
    /// As the account is now: a role changes for the next request, and a removed account, a new password or the session's end ends the
    /// sign-in. A cookie from before there were sessions names none: its owner signs in once more.
    /// </summary>
    /// <returns>Null: ended.</returns>
    public static async Task<ClaimsPrincipal?> RefreshAsync(ClaimsPrincipal user, SessionStore sessions) =>
        Visitor.SessionOf(user) is { } key && await sessions.FindAsync(key) is { SecurityStamp: { } stamp } account
        && Visitor.Of(user)?.AccountId == account.Id && stamp == Visitor.StampOf(user)
            ? Visitor.Of(account).ToPrincipal(Scheme, stamp, key) : null;

    private static async Task ValidateAsync(CookieValidatePrincipalContext context)
    {
        var sessions = context.HttpContext.RequestServices.GetRequiredService<SessionStore>();
        if (context.Principal is { } user && await RefreshAsync(user, sessions) is { } now) context.ReplacePrincipal(now);
        else context.RejectPrincipal();
    }

    private static async Task EndAsync(HttpContext context)
    {
        if (Visitor.Of(context.User)?.AccountId is { } id && Visitor.SessionOf(context.User) is { } key)
            await context.RequestServices.GetRequiredService<SessionStore>().EndAsync(id, key, context.RequestAborted);
    }

    private static string AddressOf(HttpContext context)
    {
        var address = context.Connection.RemoteIpAddress;
        return (address?.IsIPv4MappedToIPv6 == true ? address.MapToIPv4() : address)?.ToString() ?? "";
    }
}

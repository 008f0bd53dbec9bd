using System.Security.Claims;
using System.Security.Cryptography;
using System.Text;
using Dashboard.Storage;
using Dashboard.Visitors;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Options;

namespace Dashboard.Accounts;

/// <summary>The cookie that somebody who signed in carries.</summary>
internal static class SignIn
{
    public static string Scheme => IdentityConstants.ApplicationScheme;

    private static readonly TimeSpan Lasts = TimeSpan.FromDays(14);

    public static Task InAsync(HttpContext context, AccountRow account, bool keep) => context.SignInAsync(
        Scheme, Visitor.Of(account).ToPrincipal(Scheme, account.SecurityStamp), new AuthenticationProperties { IsPersistent = keep });

    public static void Configure(CookieAuthenticationOptions cookie, IOptions<DashboardOptions> options)
    {
        // Cookies don't know ports: two dashboards on one computer would sign each other's people out.
        var place = SHA256.HashData(Encoding.UTF8.GetBytes(Path.GetFullPath(options.Value.DataRoot)));
        cookie.Cookie.Name = $"fine-tune-{Convert.ToHexStringLower(place)[..8]}";
        cookie.Cookie.HttpOnly = true;
        cookie.Cookie.SameSite = SameSiteMode.Lax;
        cookie.Cookie.SecurePolicy = CookieSecurePolicy.SameAsRequest;
        (cookie.ExpireTimeSpan, cookie.SlidingExpiration) = (Lasts, true);
        cookie.Events.OnValidatePrincipal = ValidateAsync;
    }

    /// <summary>As the account is now: a role changes for the next request, and a removed account or a new password ends the sign-in.</summary>
    /// <returns>Null: ended.</returns>
    public static async Task<ClaimsPrincipal?> RefreshAsync(ClaimsPrincipal user, int id, AccountStore accounts) =>
        await accounts.FindAsync(id) is { } account && account.SecurityStamp is { } stamp && stamp == Visitor.StampOf(user)
            ? Visitor.Of(account).ToPrincipal(Scheme, stamp) : null;

    private static async Task ValidateAsync(CookieValidatePrincipalContext context)
    {
        var accounts = context.HttpContext.RequestServices.GetRequiredService<AccountStore>();
        if (context.Principal is { } user && Visitor.Of(user)?.AccountId is { } id && await RefreshAsync(user, id, accounts) is { } now)
            context.ReplacePrincipal(now);
        else
            context.RejectPrincipal();
    }
}

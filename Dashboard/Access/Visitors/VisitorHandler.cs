using System.Text.Encodings.Web;
using Dashboard.Access.Accounts;
using Dashboard.Access.Doors;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;

namespace Dashboard.Access.Visitors;

/// <summary>Finds out who makes a request: a program by its token, somebody by the sign-in's cookie, or this computer itself.</summary>
internal sealed class VisitorHandler(
    IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory logs, UrlEncoder encoder, ApiTokens tokens)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, logs, encoder)
{
    public const string Name = "Visitor";

    private const string Bearer = "Bearer ";

    public static bool HasToken(HttpRequest request) =>
        request.Headers.Authorization.ToString().StartsWith(Bearer, StringComparison.OrdinalIgnoreCase);

    protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        // A token that isn't good is refused, at this computer too: its program shall learn of it. A machine's secret is looked up behind
        // the doors: a fetch of thousands of images would be as many look-ups of a token that can't be there.
        if (HasToken(Request))
        {
            if (OpenPaths.HasOwnSecrets(Request.Path)) return AuthenticateResult.NoResult();
            return await tokens.FindAsync(Request.Headers.Authorization.ToString()[Bearer.Length..].Trim(),
                Context.RequestAborted) is { } token
                ? Success(Visitor.Of(token)) : AuthenticateResult.Fail("This token is not known.");
        }
        var cookie = await Context.AuthenticateAsync(SignIn.Scheme);
        if (cookie.Succeeded) return AuthenticateResult.Success(new AuthenticationTicket(cookie.Principal, cookie.Properties, Name));
        return CallOrigin.Of(Context) is { IsThisComputer: true } ? Success(Visitor.ThisComputer) : AuthenticateResult.NoResult();
    }

    private static AuthenticateResult Success(Visitor visitor) =>
        AuthenticateResult.Success(new AuthenticationTicket(visitor.ToPrincipal(Name), Name));
}

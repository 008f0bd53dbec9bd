using System.Globalization;
using System.Security.Claims;
using Dashboard.Storage;

namespace Dashboard.Access.Visitors;

/// <summary>Who makes a request or looks at a page.</summary>
/// <param name="Key">Names the visitor for as long as there is one: "account:3", "token:7", or <see cref="ThisComputerKey"/>.</param>
public sealed record Visitor(string Key, string Name, AccountRole Role)
{
    public const string ThisComputerKey = "this-computer";

    private const string AccountPrefix = "account:", TokenPrefix = "token:";
    private const string StampClaim = "stamp", SessionClaim = "session";

    /// <summary>Somebody who sits at the computer that the dashboard runs on, without having signed in.</summary>
    public static Visitor ThisComputer { get; } = new(ThisComputerKey, "this computer", AccountRole.Admin);

    public bool IsAccount => AccountId is not null;

    /// <summary>Null: not somebody with an account.</summary>
    public int? AccountId => IdAfter(AccountPrefix);

    /// <summary>Null: not a program with a token.</summary>
    public int? TokenId => IdAfter(TokenPrefix);

    public static Visitor Of(AccountRow account)
    {
        ArgumentNullException.ThrowIfNull(account);
        return new(KeyOfAccount(account.Id), account.Name, account.Role);
    }

    public static Visitor Of(ApiTokenRow token)
    {
        ArgumentNullException.ThrowIfNull(token);
        return new(KeyOfToken(token.Id), token.Name, token.Role);
    }

    /// <summary>Null: nobody that is known here.</summary>
    public static Visitor? Of(ClaimsPrincipal? principal) =>
        principal?.Identity?.IsAuthenticated == true
        && principal.FindFirstValue(ClaimTypes.NameIdentifier) is { } key
        && Enum.TryParse<AccountRole>(principal.FindFirstValue(ClaimTypes.Role), out var role)
            ? new Visitor(key, principal.Identity.Name ?? "", role) : null;

    /// <summary>The security stamp that a sign-in was made with; another one now means that the password has changed.</summary>
    public static string? StampOf(ClaimsPrincipal principal) => principal.FindFirstValue(StampClaim);

    /// <summary>The key of the session that a sign-in began; null: it began none.</summary>
    public static string? SessionOf(ClaimsPrincipal principal) => principal.FindFirstValue(SessionClaim);

    public ClaimsPrincipal ToPrincipal(string scheme, string? stamp = null, string? session = null)
    {
        List<Claim> claims = [new(ClaimTypes.NameIdentifier, Key), new(ClaimTypes.Name, Name), new(ClaimTypes.Role, Role.ToString())];
        if (stamp is not null) claims.Add(new(StampClaim, stamp));
        if (session is not null) claims.Add(new(SessionClaim, session));
        return new ClaimsPrincipal(new ClaimsIdentity(claims, scheme));
    }

    private int? IdAfter(string prefix) => Key.StartsWith(prefix, StringComparison.Ordinal)
        && int.TryParse(Key.AsSpan(prefix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var id) ? id : null;

    internal static string KeyOfAccount(int id) => string.Create(CultureInfo.InvariantCulture, $"{AccountPrefix}{id}");

    internal static string KeyOfToken(int id) => string.Create(CultureInfo.InvariantCulture, $"{TokenPrefix}{id}");
}

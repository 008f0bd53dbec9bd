using System.Globalization;

namespace Dashboard.Access;

/// <summary>What those get to hear who may not come in, or not so often.</summary>
internal static class DoorWords
{
    public const string TooManyRequests =
        "Too many requests without a sign-in came from this address. Wait a minute, then sign in or send a token that is good.";

    public const string ForeignPage = "This request came from a page of another web site. Use the dashboard's own pages, or a script.";

    public const string ForeignPageOrProxy =
        "This request came from a page of another web site, or by a proxy that isn't known here. Name the proxy's address in the setting "
            + "Dashboard:TrustedProxies, and let it send X-Forwarded-For, X-Forwarded-Proto and X-Forwarded-Host.";

    /// <param name="known">This computer's own names.</param>
    public static string NameUnknown(string name, int port, string setting, string known) => string.Create(CultureInfo.InvariantCulture,
        $"This computer needs no sign-in by its own names, but “{name}” is not known as one: it could be another web site that leads here. "
            + $"Open http://127.0.0.1:{port}, or add the name to the setting {setting} (now {known}).");

    /// <param name="sign">What shows the proxy.</param>
    public static string CameOverProxy(string sign, string accounts) =>
        $"This request came over a proxy, as {sign} shows: it is not taken for this computer's own. Send it without, or with the header "
            + $"“Authorization: Bearer TOKEN” and a token that an admin makes at {accounts}.";

    public static string TokenUnknown(string accounts) =>
        $"This token is not known here; it may have been revoked. An admin makes another one at {accounts}.";

    public static string SignInFirst(string accounts, string signIn) =>
        $"Send the header “Authorization: Bearer TOKEN” with a token that an admin makes at {accounts}, or sign in at {signIn}.";

    public static string RoleTooLow(string needed, string visitor, string role, string accounts) =>
        $"This needs the role {needed}, and “{visitor}” has the role {role}. An admin changes roles at {accounts}.";
}

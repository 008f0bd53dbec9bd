using Dashboard.Access.Accounts;
using Dashboard.Protocol;

namespace Dashboard.Access.Doors;

/// <summary>What anybody may call without having signed in. Everything else needs a role: see <see cref="RequestRights"/>.</summary>
internal static class OpenPaths
{
    /// <summary>Machines and trainers show secrets of their own there, which are checked behind these doors.</summary>
    private static readonly PathString[] Machines = [MachineProtocol.Path, "/api/machines/link"];

    private static readonly PathString[] Pages = [AccountPaths.SignIn, AccountPaths.FirstAccount, "/health"];

    /// <summary>Style sheets and scripts of the program, the same on every computer.</summary>
    private static readonly PathString[] Files = ["/assets", "/_content", "/_framework", "/favicon.ico"];

    /// <summary>Whether the tokens that are sent there are none of <see cref="Accounts.ApiTokens"/>.</summary>
    public static bool HasOwnSecrets(PathString path) => In(Machines, path);

    public static bool Contains(PathString path) => IsUnlimited(path) || In(Pages, path);

    /// <summary>Also without a limit on how often.</summary>
    public static bool IsUnlimited(PathString path) => In(Machines, path) || In(Files, path) || IsStyleSheet(path);

    /// <summary>That of the components, whose name has a fingerprint of its content in it.</summary>
    private static bool IsStyleSheet(PathString path) => path.Value is { } name && name.StartsWith("/Dashboard.", StringComparison.Ordinal)
        && name.EndsWith(".styles.css", StringComparison.Ordinal) && name.LastIndexOf('/') == 0;

    /// <summary>Whether a request only reads.</summary>
    public static bool IsRead(HttpRequest request) =>
        HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method) || HttpMethods.IsOptions(request.Method);

    private static bool In(PathString[] paths, PathString path) =>
        paths.Any(open => path.StartsWithSegments(open, StringComparison.OrdinalIgnoreCase));
}

using System.Net;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Primitives;

namespace Dashboard.Doors;

/// <summary>Where a request comes from, as it arrived: noted before a proxy's headers are believed.</summary>
/// <param name="IsLoopback">From this computer, and that is enough here (setting Dashboard:SignInHere).</param>
internal sealed record CallOrigin(bool IsLoopback, bool IsForwarded, bool IsOwnName)
{
    /// <summary>Somebody at this computer itself. Behind a foreign name there could be a page of another site that leads here (DNS rebinding).</summary>
    public bool IsThisComputer => IsLoopback && !IsForwarded && IsOwnName;

    public static CallOrigin? Of(HttpContext context) => context.Features.Get<CallOrigin>();
}

/// <summary>Notes the <see cref="CallOrigin"/> of every request.</summary>
internal sealed class CallOriginNote(RequestDelegate next, OwnNames names, IOptions<DashboardOptions> options)
{
    /// <summary>What proxies add; X-Original- is what is left of X-Forwarded- once it was believed.</summary>
    private static readonly string[] ProxyHeaders = ["X-Forwarded-", "X-Original-", "Forwarded", "Via", "X-Real-IP", "X-Client-IP", "True-Client-IP", "CF-"];

    public Task InvokeAsync(HttpContext context)
    {
        // Null: in memory or over a Unix socket, which is this computer too.
        var isLoopback = !options.Value.SignInHere && (context.Connection.RemoteIpAddress is not { } from || IPAddress.IsLoopback(from));
        context.Features.Set(new CallOrigin(isLoopback, IsForwarded(context.Request), names.Contains(context.Request.Host)));
        return next(context);
    }

    /// <summary>nginx as it is out of the box adds no header at all, but speaks HTTP/1.0; no browser does.</summary>
    private static bool IsForwarded(HttpRequest request) =>
        HttpProtocol.IsHttp10(request.Protocol)
        || request.Headers.Keys.Any(name => ProxyHeaders.Any(start => name.StartsWith(start, StringComparison.OrdinalIgnoreCase)));
}

/// <summary>The names of this computer, by which it is reached from itself.</summary>
internal sealed class OwnNames(IConfiguration configuration)
{
    /// <summary>The server's own check of this setting answers with a page that doesn't say what to do: it is off, see <see cref="DoorsModule"/>.</summary>
    public const string Key = "AllowedHosts";

    private readonly List<StringSegment> _names =
        [.. (configuration[Key] ?? "localhost;127.0.0.1;[::1]").Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)];

    /// <summary>Browsers always send a name.</summary>
    public bool Contains(HostString host) => !host.HasValue || _names.Contains("*") || HostString.MatchesAny(host.Host, _names);

    public override string ToString() => string.Join(';', _names);
}

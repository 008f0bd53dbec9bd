using System.Net;
using Dashboard.Machines;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Primitives;

namespace Dashboard;

/// <summary>
/// Until there is a sign-in, only this computer may call, by one of its own names, and no page of another web site in its browser.
/// </summary>
internal sealed class LocalOnly(RequestDelegate next, IConfiguration configuration)
{
    /// <summary>The server's own check of this setting answers with a page that doesn't say what to do: it is off, see <see cref="DashboardModule"/>.</summary>
    public const string NamesKey = "AllowedHosts";

    private readonly List<StringSegment> _names =
        [.. (configuration[NamesKey] ?? "localhost;127.0.0.1;[::1]").Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)];

    public Task InvokeAsync(HttpContext context)
    {
        // These ask for a machine's or an attempt's own secret.
        if (context.Request.Path.StartsWithSegments(MachineFiles.Prefix, StringComparison.Ordinal)
            || context.Request.Path.StartsWithSegments(MachinesHub.Path, StringComparison.Ordinal) && context.Request.Headers.Origin.Count == 0)
            return next(context);
        // Null: in memory or over a Unix socket, which is this computer too.
        if (context.Connection.RemoteIpAddress is { } from && !IPAddress.IsLoopback(from))
            return RefuseAsync(context, "There is no sign-in yet, so this dashboard answers only to the computer that it runs on. From another one, open a tunnel: ssh -L 5080:127.0.0.1:5080 USER@THAT-COMPUTER, then http://127.0.0.1:5080.");
        if (!IsOwnName(context.Request.Host))
            return RefuseAsync(context, $"This dashboard doesn't answer to the name “{context.Request.Host.Host}”: it could be another web site that leads here. Open http://127.0.0.1:{context.Connection.LocalPort}, or add the name to the setting {NamesKey} (now {string.Join(';', _names)}).");
        if (IsForeign(context.Request) && ChangesOrListens(context))
            return RefuseAsync(context, "This request came from a page of another web site. Use the dashboard's own pages, or a script.");
        context.Response.Headers.XContentTypeOptions = "nosniff";
        context.Response.Headers["Referrer-Policy"] = "same-origin";
        return next(context);
    }

    /// <summary>A foreign name that resolves to this computer would let its page read everything here. Browsers always send a name.</summary>
    private bool IsOwnName(HostString host) => !host.HasValue || _names.Contains("*") || HostString.MatchesAny(host.Host, _names);

    /// <summary>Browsers name the page that a request comes from; scripts and trainers don't.</summary>
    private static bool IsForeign(HttpRequest request)
    {
        var origin = request.Headers.Origin.ToString();
        return origin.Length > 0
            ? !origin.Equals($"{request.Scheme}://{request.Host}", StringComparison.OrdinalIgnoreCase)
            : request.Headers["Sec-Fetch-Site"] == "cross-site" && request.Headers["Sec-Fetch-Mode"] != "navigate";
    }

    /// <summary>The answer to a plain GET can't be read by a foreign page; a WebSocket can.</summary>
    private static bool ChangesOrListens(HttpContext context) =>
        !(HttpMethods.IsGet(context.Request.Method) || HttpMethods.IsHead(context.Request.Method) || HttpMethods.IsOptions(context.Request.Method))
        || context.WebSockets.IsWebSocketRequest
        || context.Features.Get<IHttpUpgradeFeature>()?.IsUpgradableRequest == true;

    private static Task RefuseAsync(HttpContext context, string words) =>
        TypedResults.Problem(words, statusCode: StatusCodes.Status403Forbidden, title: "Refused").ExecuteAsync(context);
}

using System.Net;
using Microsoft.AspNetCore.Http.Features;

namespace Dashboard;

/// <summary>
/// Until there is a sign-in, only this computer may call, and no page of another web site in its browser. Host names are checked by
/// setting AllowedHosts, which stops a foreign name that resolves to this computer.
/// </summary>
internal sealed class LocalOnly(RequestDelegate next)
{
    public Task InvokeAsync(HttpContext context)
    {
        // Null: in memory or over a Unix socket, which is this computer too.
        if (context.Connection.RemoteIpAddress is { } from && !IPAddress.IsLoopback(from))
            return RefuseAsync(context, "There is no sign-in yet, so this dashboard answers only to the computer that it runs on. From another one, open a tunnel: ssh -L 5080:127.0.0.1:5080 USER@THAT-COMPUTER, then http://127.0.0.1:5080.");
        if (IsForeign(context.Request) && ChangesOrListens(context))
            return RefuseAsync(context, "This request came from a page of another web site. Use the dashboard's own pages, or a script.");
        context.Response.Headers.XContentTypeOptions = "nosniff";
        context.Response.Headers["Referrer-Policy"] = "same-origin";
        return next(context);
    }

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

using Microsoft.AspNetCore.Http.Features;

namespace Dashboard.Doors;

/// <summary>No page of another web site in somebody's browser may change something here or listen.</summary>
internal sealed class ForeignPages(RequestDelegate next)
{
    public Task InvokeAsync(HttpContext context)
    {
        if (IsForeign(context.Request) && ChangesOrListens(context))
            return DoorSigns.RefuseAsync(context, CallOrigin.Of(context) is { IsForwarded: true } && context.Request.Headers.ContainsKey("X-Forwarded-For")
                ? "This request came from a page of another web site, or by a proxy that isn't known here. Name the proxy's address in the setting Dashboard:TrustedProxies, and let it send X-Forwarded-For, X-Forwarded-Proto and X-Forwarded-Host."
                : "This request came from a page of another web site. Use the dashboard's own pages, or a script.");
        context.Response.Headers.XContentTypeOptions = "nosniff";
        context.Response.Headers.XFrameOptions = "SAMEORIGIN";
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
        !OpenPaths.IsRead(context.Request)
        || context.WebSockets.IsWebSocketRequest
        || context.Features.Get<IHttpUpgradeFeature>()?.IsUpgradableRequest == true;
}

using Microsoft.AspNetCore.Http.Features;

namespace Dashboard.Access.Doors;

/// <summary>No page of another web site in somebody's browser may change something here or listen.</summary>
internal sealed class ForeignPages(RequestDelegate next)
{
    /// <summary>
    /// Scripts, and all else but colours and sizes, come from here only, so that a name or a log line with HTML in it could run nothing.
    /// </summary>
    private const string ContentPolicy =
        "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self' data:; "
            + "connect-src 'self' ws: wss:; "
        + "object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'self'";

    public Task InvokeAsync(HttpContext context)
    {
        if (IsForeign(context.Request) && ChangesOrListens(context))
            return AccessRefusals.RefuseAsync(context,
                CallOrigin.Of(context) is { IsForwarded: true } && context.Request.Headers.ContainsKey("X-Forwarded-For")
                ? DoorWords.ForeignPageOrProxy : DoorWords.ForeignPage);
        context.Response.Headers.XContentTypeOptions = "nosniff";
        context.Response.Headers.XFrameOptions = "SAMEORIGIN";
        context.Response.Headers.ContentSecurityPolicy = ContentPolicy;
        context.Response.Headers["Referrer-Policy"] = "same-origin";
        return next(context);
    }

    /// <summary>
    /// Browsers name the site that a request comes from, in at least one of three headers; scripts and trainers name none. Whoever calls
    /// itself a browser and names none doesn't say where it comes from.
    /// </summary>
    private static bool IsForeign(HttpRequest request)
    {
        var own = $"{request.Scheme}://{request.Host}";
        var (origin, site, page) = (request.Headers.Origin.ToString(), request.Headers["Sec-Fetch-Site"].ToString(),
            request.Headers.Referer.ToString());
        if (origin.Length > 0) return !origin.Equals(own, StringComparison.OrdinalIgnoreCase);
        if (site.Length > 0) return site is not ("same-origin" or "none");
        if (page.Length > 0)
            return !page.Equals(own, StringComparison.OrdinalIgnoreCase) && !page.StartsWith(own + '/', StringComparison.OrdinalIgnoreCase);
        return request.Headers.UserAgent.ToString().StartsWith("Mozilla/", StringComparison.Ordinal);
    }

    /// <summary>The answer to a plain GET can't be read by a foreign page; a WebSocket can.</summary>
    private static bool ChangesOrListens(HttpContext context) =>
        !OpenPaths.IsRead(context.Request)
        || context.WebSockets.IsWebSocketRequest
        || context.Features.Get<IHttpUpgradeFeature>()?.IsUpgradableRequest == true;
}

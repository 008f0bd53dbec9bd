namespace Dashboard.Imports;

/// <summary>
/// A form of another web site may post a file here from the browser of somebody who has the dashboard open: browsers send such posts
/// without asking, but they mark them.
/// </summary>
internal sealed class SameSiteFilter : IEndpointFilter
{
    public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var request = context.HttpContext.Request;
        if (!HttpMethods.IsGet(request.Method) && request.Headers["Sec-Fetch-Site"] == "cross-site")
            return TypedResults.Problem("This came from another web site. Use the dashboard's own pages, or a script.", statusCode: StatusCodes.Status403Forbidden);
        return await next(context);
    }
}

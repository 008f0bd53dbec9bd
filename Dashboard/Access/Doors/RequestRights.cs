using Dashboard.Access.Visitors;
using Dashboard.Storage;
using Microsoft.AspNetCore.Authorization;

namespace Dashboard.Access.Doors;

/// <summary>
/// What every endpoint needs that names no policy itself, so that a new one is closed until somebody opens it: a viewer's role, and a
/// member's for what changes something under /api.
/// </summary>
internal sealed class RequestRights : AuthorizationHandler<RequestRights, HttpContext>, IAuthorizationRequirement
{
    public static AccountRole Needed(HttpRequest request) =>
        request.Path.StartsWithSegments("/api", StringComparison.OrdinalIgnoreCase) && !OpenPaths.IsRead(request)
        ? AccountRole.Member : AccountRole.Viewer;

    protected override Task HandleRequirementAsync(AuthorizationHandlerContext context, RequestRights requirement, HttpContext resource)
    {
        if (OpenPaths.Contains(resource.Request.Path) || Visitor.Of(context.User)?.Role >= Needed(resource.Request))
            context.Succeed(requirement);
        return Task.CompletedTask;
    }
}

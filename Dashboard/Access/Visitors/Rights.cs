using Dashboard.Storage;
using Microsoft.AspNetCore.Authorization;

namespace Dashboard.Access.Visitors;

/// <summary>What somebody may do, as the names of policies for endpoints and pages.</summary>
public static class Rights
{
    /// <summary>Everybody who is known here.</summary>
    public const string CanLook = nameof(CanLook);

    /// <summary>Start and stop runs, change labels and datasets.</summary>
    public const string CanEdit = nameof(CanEdit);

    /// <summary>Decide about accounts, machines and settings.</summary>
    public const string CanAdminister = nameof(CanAdminister);

    internal static void AddTo(AuthorizationOptions options)
    {
        options.AddPolicy(CanLook, AtLeast(AccountRole.Viewer));
        options.AddPolicy(CanEdit, AtLeast(AccountRole.Member));
        options.AddPolicy(CanAdminister, AtLeast(AccountRole.Admin));
        options.DefaultPolicy = AtLeast(AccountRole.Viewer);
    }

    private static AuthorizationPolicy AtLeast(AccountRole role) =>
        new AuthorizationPolicyBuilder().AddRequirements(new RoleNeeded(role)).Build();
}

/// <summary>A role, or one that may do more.</summary>
internal sealed class RoleNeeded(AccountRole role) : AuthorizationHandler<RoleNeeded>, IAuthorizationRequirement
{
    public AccountRole Role => role;

    protected override Task HandleRequirementAsync(AuthorizationHandlerContext context, RoleNeeded requirement)
    {
        if (Visitor.Of(context.User)?.Role >= requirement.Role) context.Succeed(requirement);
        return Task.CompletedTask;
    }
}

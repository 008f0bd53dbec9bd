using System.Security.Claims;
using Bunit;
using Dashboard.Access.Visitors;
using Dashboard.Storage;

namespace Training.Tests.TestKit;

/// <summary>Who looks at a component under test.</summary>
public static class ComponentVisitor
{
    private static readonly string[] ByRole = [Rights.CanLook, Rights.CanEdit, Rights.CanAdminister];

    public static void LookAs(this BunitContext page, AccountRole role) =>
        page.AddAuthorization().SetAuthorized("a test").SetPolicies(ByRole[..((int)role + 1)])
            .SetClaims(new Claim(ClaimTypes.NameIdentifier, Visitor.ThisComputerKey), new Claim(ClaimTypes.Role, role.ToString()));
}

using Dashboard.Access.Accounts;
using Dashboard.Access.Doors;

namespace Dashboard.Access;

/// <summary>Who may come in, from where, and what for.</summary>
public static class AccessModule
{
    public static IServiceCollection AddAccess(this IServiceCollection services) => services.AddAccounts().AddDoors();
}

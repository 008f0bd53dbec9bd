using Dashboard.Storage;
using Dashboard.Visitors;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Identity;
using Microsoft.AspNetCore.Identity.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace Dashboard.Accounts;

public static class AccountsModule
{
    /// <summary>Where <see cref="SignedIn"/> posts to.</summary>
    internal const string SignOutPath = "/sign-out";

    private static readonly TimeSpan Locked = TimeSpan.FromMinutes(5);

    public static IServiceCollection AddAccounts(this IServiceCollection services)
    {
        services.AddScoped(provider => provider.GetRequiredService<IDbContextFactory<DashboardDb>>().CreateDbContext());
        services.AddIdentityCore<AccountRow>(identity =>
        {
            identity.User.AllowedUserNameCharacters = "";
            // Length is what counts (NIST SP 800-63B), and is checked where the words for it are.
            identity.Password = new PasswordOptions
            {
                RequiredLength = AccountStore.MinPassword, RequireDigit = false, RequireLowercase = false, RequireUppercase = false, RequireNonAlphanumeric = false, RequiredUniqueChars = 1,
            };
            identity.Lockout = new LockoutOptions { MaxFailedAccessAttempts = 5, DefaultLockoutTimeSpan = Locked };
        }).AddUserStore<UserOnlyStore<AccountRow, DashboardDb, int>>();
        services.AddOptions<CookieAuthenticationOptions>(SignIn.Scheme).Configure<IOptions<DashboardOptions>>(SignIn.Configure);
        services.AddAuthorization(Rights.AddTo);
        services.AddSingleton<VisitorFeed>().AddSingleton<AccountStore>().AddSingleton<ApiTokens>().AddSingleton<FirstAccount>();
        services.AddSingleton<FirstAccountNotice>().AddHostedService(provider => provider.GetRequiredService<FirstAccountNotice>());
        return services;
    }

    public static void MapAccounts(this IEndpointRouteBuilder routes)
    {
        ArgumentNullException.ThrowIfNull(routes);
        routes.MapPost(SignOutPath, (Delegate)SignOutAsync).ExcludeFromDescription();
    }

    /// <summary>A page of another site can't post here: see Doors/ForeignPages.</summary>
    private static async Task<RedirectHttpResult> SignOutAsync(HttpContext context)
    {
        await context.SignOutAsync(SignIn.Scheme);
        return TypedResults.Redirect(SignInPage.Path);
    }
}

using Dashboard.Access.Visitors;
using Dashboard.Storage;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Identity;
using Microsoft.AspNetCore.Identity.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace Dashboard.Access.Accounts;

public static class AccountsModule
{
    public static IServiceCollection AddAccounts(this IServiceCollection services)
    {
        services.AddScoped(provider => provider.GetRequiredService<IDbContextFactory<DashboardDb>>().CreateDbContext());
        services.AddIdentityCore<AccountRow>(identity =>
        {
            identity.User.AllowedUserNameCharacters = "";
            // Length is what counts (NIST SP 800-63B), and is checked where the words for it are.
            identity.Password = new PasswordOptions
            {
                RequiredLength = AccountStore.MinPassword, RequireDigit = false, RequireLowercase = false, RequireUppercase = false,
                    RequireNonAlphanumeric = false, RequiredUniqueChars = 1,
            };
        }).AddUserStore<UserOnlyStore<AccountRow, DashboardDb, int>>();
        services.AddOptions<CookieAuthenticationOptions>(SignIn.Scheme).Configure<IOptions<DashboardOptions>>(SignIn.Configure);
        services.AddAuthorization(Rights.AddTo);
        services.AddSingleton<VisitorFeed>().AddSingleton<SessionStore>().AddSingleton<AccountStore>().AddSingleton<ApiTokens>()
            .AddSingleton<FirstAccount>();
        services.AddSingleton<FirstAccountNotice>().AddHostedService(provider => provider.GetRequiredService<FirstAccountNotice>());
        return services;
    }
}

using Dashboard.Access.Accounts;
using Dashboard.Access.Visitors;
using Dashboard.Storage;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.AspNetCore.HostFiltering;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Options;

namespace Dashboard.Access.Doors;

/// <summary>Who may come in, and from where: <see cref="CallOrigin"/>, then who it is, then how often, then what for.</summary>
public static class DoorsModule
{
    public static IServiceCollection AddDoors(this IServiceCollection services)
    {
        services.PostConfigure<HostFilteringOptions>(options => options.AllowedHosts = ["*"]);
        services.AddAntiforgery(antiforgery => antiforgery.Cookie.SecurePolicy = CookieSecurePolicy.SameAsRequest);
        services.AddSingleton<OwnNames>();
        // Each refused request would be a line there, and a program that is refused tries again and again: AccessRefusals tells it once.
        foreach (var category in new[] { typeof(VisitorHandler).FullName, "Microsoft.AspNetCore.Authentication",
            "Microsoft.AspNetCore.Authorization" })
            services.AddLogging(logs => logs.AddFilter(category, LogLevel.Warning));
        services.AddAuthentication(VisitorHandler.Name)
            .AddScheme<AuthenticationSchemeOptions, VisitorHandler>(VisitorHandler.Name, null)
            .AddCookie(SignIn.Scheme);
        services.AddAuthorization(options =>
            options.FallbackPolicy = new AuthorizationPolicyBuilder().AddRequirements(new RequestRights()).Build());
        services.AddSingleton<IAuthorizationHandler, RequestRights>();
        services.AddSingleton<AccessRefusals>()
            .AddSingleton<IAuthorizationMiddlewareResultHandler>(provider => provider.GetRequiredService<AccessRefusals>());
        services.AddRateLimiter(RequestLimits.Configure);
        services.AddCascadingAuthenticationState();
        services.AddScoped<AuthenticationStateProvider, CircuitVisitor>();
        services.AddSingleton<RevokedConnections>().AddHostedService(provider => provider.GetRequiredService<RevokedConnections>());
        services.AddSingleton<RefusalLog>();
        services.AddSingleton<Strangers>();
        services.AddOptions<ForwardedHeadersOptions>().Configure<IOptions<DashboardOptions>>((headers, options) =>
            TrustedProxies.Configure(headers, options.Value.TrustedProxies));
        services.AddOptions<KestrelServerOptions>().Configure<IOptions<DashboardOptions>>((kestrel, options) =>
        {
            if (options.Value.Certificate.Length > 0)
                kestrel.ConfigureHttpsDefaults(https => ServerCertificate.Configure(https, options.Value));
        });
        return services;
    }

    /// <summary>Before anything that answers.</summary>
    public static void UseOuterDoors(this WebApplication app)
    {
        app.UseMiddleware<CallOriginNote>();
        if (app.Services.GetRequiredService<IOptions<DashboardOptions>>().Value.TrustedProxies.Length > 0) app.UseForwardedHeaders();
        app.UseMiddleware<ForeignPages>();
    }

    /// <summary>After routing, before what it leads to.</summary>
    public static void UseInnerDoors(this WebApplication app)
    {
        app.UseAuthentication();
        app.UseRateLimiter();
        app.Use(RequestLimits.LimitBodyAsync);
        app.UseAuthorization();
    }
}

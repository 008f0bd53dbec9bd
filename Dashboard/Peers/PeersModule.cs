using Dashboard.Dispatch.Hubs;
using Dashboard.Storage;
using Microsoft.AspNetCore.SignalR;
using Microsoft.AspNetCore.SignalR.StackExchangeRedis;
using Microsoft.Extensions.Options;

namespace Dashboard.Peers;

/// <summary>
/// Several dashboards over one database. Setting Dashboard:Redis turns it on; a dashboard of its own leads, and nothing else of
/// this runs.
/// </summary>
public static class PeersModule
{
    public static IServiceCollection AddPeers(this IServiceCollection services)
    {
        services.AddSingleton<RedisLink>();
        services.AddSingleton<ChangeNotes>();
        services.AddSingleton<ContactSync>().AddHostedService(provider => provider.GetRequiredService<ContactSync>());
        services.AddHostedService<PeerRelay>();
        services.AddOptions<RedisOptions>().Configure<RedisLink>((redis, link) => redis.ConnectionFactory = _ => link.ConnectionAsync());
        return services.ShareAmongPeers<MachineHub>();
    }

    /// <summary>Not the hub of pages: a page belongs to the dashboard that made it, and works without Redis.</summary>
    internal static IServiceCollection ShareAmongPeers<THub>(this IServiceCollection services) where THub : Hub =>
        services.AddSingleton<HubLifetimeManager<THub>>(provider =>
            provider.GetRequiredService<IOptions<DashboardOptions>>().Value.IsOneOfSeveral
            ? ActivatorUtilities.CreateInstance<SharedHubLifetime<THub>>(provider)
            : ActivatorUtilities.CreateInstance<DefaultHubLifetimeManager<THub>>(provider));
}

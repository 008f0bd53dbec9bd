using Dashboard.Access.Doors;
using Dashboard.Dispatch.Clusters;
using Dashboard.Dispatch.Files;
using Dashboard.Dispatch.Hubs;
using Dashboard.Dispatch.RateSearch;
using Dashboard.Dispatch.Trainers;
using Dashboard.Protocol;
using Microsoft.AspNetCore.Http.Connections;
using Microsoft.AspNetCore.SignalR;
using Training.Core.Runs;

namespace Dashboard.Dispatch;

/// <summary>How a waiting run comes to a trainer, on this computer, on an agent's or on a cluster, and how its trainer is heard.</summary>
public static class DispatchModule
{
    public static IServiceCollection AddDispatch(this IServiceCollection services)
    {
        services.AddSingleton<MessageFilter>();
        // The filter logs what fails, once; the hubs' own dispatcher would log every refusal.
        services.AddLogging(logs => logs.AddFilter("Microsoft.AspNetCore.SignalR.Internal.DefaultHubDispatcher", LogLevel.Critical));
        services.AddSignalR().AddJsonProtocol(json => CoreJson.Apply(json.PayloadSerializerOptions)).AddHubOptions<MachineHub>(hub =>
        {
            hub.AddFilter<MessageFilter>();
            hub.MaximumReceiveMessageSize = MachineProtocol.MaxMessageBytes;
            hub.HandshakeTimeout = MachineProtocol.HandshakeTime;
            hub.KeepAliveInterval = MachineProtocol.Ping;
            hub.ClientTimeoutInterval = MachineProtocol.Silence;
        });
        services.AddSingleton<MachineService>().AddSingleton<RunImages>().AddSingleton<RunDispatch>();
        services.AddSingleton<TrainerLink>();
        services.AddSingleton<MachineLoad>().AddSingleton<SpeedMeasurement>()
            .AddHostedService(provider => provider.GetRequiredService<SpeedMeasurement>());
        services.AddSingleton<RunContact>().AddHostedService<ContactWatch>();
        services.AddHostedService<QueueNotifier>();
        return services.AddLocalTrainers().AddClusters().AddSingleton<RateSearches>();
    }

    public static void MapDispatch(this IEndpointRouteBuilder routes)
    {
        ArgumentNullException.ThrowIfNull(routes);
        // Made here, so that it hears of the first request already.
        routes.ServiceProvider.GetRequiredService<TrainerLink>();
        routes.MapMachineFiles();
        var strangers = routes.ServiceProvider.GetRequiredService<Strangers>();
        // As MapHub does it, with a look at the connection before the hub has it.
        routes.MapConnections(MachineProtocol.Path, new HttpConnectionDispatcherOptions(), connection => connection
            .Use(next => context => strangers.WithAsync(context, next))
            .UseHub<MachineHub>()).WithMetadata(new HubMetadata(typeof(MachineHub)));
    }

    /// <summary>What starts, watches and hears the trainers of this computer.</summary>
    private static IServiceCollection AddLocalTrainers(this IServiceCollection services) => services
        .AddSingleton<ServerAddress>().AddSingleton<IDispatcher, LocalDispatcher>().AddSingleton<TrainerLauncher>()
            .AddSingleton<AttemptWatch>()
        .AddSingleton<LocalTrainers>().AddHostedService<TrainingService>();

    private static IServiceCollection AddClusters(this IServiceCollection services) => services
        .AddSingleton<ClusterStore>().AddSingleton<ClusterJobs>().AddSingleton<ClusterBoard>().AddSingleton<ClusterTest>()
        .AddSingleton<ClusterRuns>().AddSingleton<ClusterContacts>().AddSingleton<ClusterLoops>()
        .AddHostedService<ClusterService>();
}

using Dashboard.Access.Doors;
using Dashboard.Api.HealthCheck;
using Dashboard.Api.Watching;
using Dashboard.Dispatch.Hubs;
using Dashboard.Peers;
using Dashboard.Protocol;
using Microsoft.AspNetCore.SignalR;
using Training.Core.Runs;

namespace Dashboard.Api;

/// <summary>What programs ask of the dashboard: REST, and the hub for those who watch runs.</summary>
public static class ApiModule
{
    public static IServiceCollection AddApi(this IServiceCollection services)
    {
        services.AddSingleton<DiskHealth>().AddSingleton<ProgressWatchers>();
        services.AddSignalR().AddJsonProtocol(json => CoreJson.Apply(json.PayloadSerializerOptions)).AddHubOptions<ProgressHub>(hub =>
        {
            hub.AddFilter<RevokedConnections>();
            hub.AddFilter<MessageFilter>();
        });
        return services.ShareAmongPeers<ProgressHub>();
    }

    public static void MapApi(this IEndpointRouteBuilder routes)
    {
        ArgumentNullException.ThrowIfNull(routes);
        DatasetsApi.Map(routes);
        ZipCheckApi.Map(routes);
        PredictApi.Map(routes);
        BackbonesApi.Map(routes);
        RunsApi.Map(routes);
        MetricsApi.Map(routes);
        CurvesCsv.Map(routes);
        ArtifactsApi.Map(routes);
        PredictionsApi.Map(routes);
        MachinesApi.Map(routes);
        ClustersApi.Map(routes);
        routes.MapHub<ProgressHub>(IProgressHub.Path);
    }
}

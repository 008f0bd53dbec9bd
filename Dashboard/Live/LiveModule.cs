using Dashboard.Protocol;
using Microsoft.AspNetCore.SignalR;
using Training.Core.Runs;

namespace Dashboard.Live;

public static class LiveModule
{
    public static IServiceCollection AddLive(this IServiceCollection services)
    {
        services.AddSingleton<MessageDoor>();
        services.AddLogging(logs => logs.AddFilter("Microsoft.AspNetCore.SignalR.Internal.DefaultHubDispatcher", LogLevel.Critical));
        services.AddSignalR()
            .AddJsonProtocol(json => CoreJson.Apply(json.PayloadSerializerOptions))
            .AddHubOptions<ProgressHub>(hub => hub.AddFilter<MessageDoor>());
        services.AddSingleton<ProgressWatchers>();
        return services;
    }

    public static void MapLive(this IEndpointRouteBuilder routes)
    {
        ArgumentNullException.ThrowIfNull(routes);
        routes.MapHub<ProgressHub>(ProgressHub.Path);
    }
}

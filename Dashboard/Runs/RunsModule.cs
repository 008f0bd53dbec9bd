using Dashboard.Artifacts;
using Dashboard.Charts;

namespace Dashboard.Runs;

public static class RunsModule
{
    public static IServiceCollection AddRuns(this IServiceCollection services)
    {
        services.AddSingleton<RunFeed>();
        services.AddSingleton<RunStore>();
        services.AddSingleton<RunFiles>();
        services.AddHostedService(provider => provider.GetRequiredService<RunFiles>());
        services.AddSingleton<RunService>();
        return services;
    }

    public static void MapRuns(this IEndpointRouteBuilder routes)
    {
        ArgumentNullException.ThrowIfNull(routes);
        RunsApi.Map(routes);
        MetricsApi.Map(routes);
        ArtifactsApi.Map(routes);
    }
}

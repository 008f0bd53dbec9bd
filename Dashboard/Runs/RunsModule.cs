namespace Dashboard.Runs;

public static class RunsModule
{
    public static IServiceCollection AddRuns(this IServiceCollection services)
    {
        services.AddSingleton<RunFeed>();
        services.AddSingleton<RunStore>();
        services.AddSingleton<RunService>();
        return services;
    }

    public static void MapRuns(this IEndpointRouteBuilder routes)
    {
        ArgumentNullException.ThrowIfNull(routes);
    }
}

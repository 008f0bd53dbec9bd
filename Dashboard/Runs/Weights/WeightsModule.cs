namespace Dashboard.Runs.Weights;

/// <summary>The networks' pretrained weights: which are here, and how the others get here.</summary>
public static class WeightsModule
{
    public static IServiceCollection AddWeights(this IServiceCollection services)
    {
        services.AddSingleton(provider => new WeightsDownload(NewClient(), provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton<BackboneDownloads>();
        services.AddSingleton<StartModels>();
        services.AddHostedService(provider => provider.GetRequiredService<BackboneDownloads>());
        return services;
    }

    // A download's timeouts are by silence, not by its length.
    internal static HttpClient NewClient() => new(new SocketsHttpHandler
    {
        ConnectTimeout = TimeSpan.FromSeconds(15), PooledConnectionLifetime = TimeSpan.FromMinutes(5),
    })
    {
        Timeout = Timeout.InfiniteTimeSpan,
    };
}

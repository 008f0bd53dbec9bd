namespace Dashboard.Clusters;

/// <summary>Slurm clusters: what they are, and what serves them.</summary>
public static class ClustersModule
{
    public static IServiceCollection AddClusters(this IServiceCollection services)
    {
        services.AddSingleton<ClusterStore>();
        services.AddSingleton<ClusterJobs>();
        services.AddSingleton<ClusterBoard>();
        services.AddSingleton<ClusterTest>();
        services.AddHostedService<ClusterService>();
        return services;
    }

    public static void MapClusters(this IEndpointRouteBuilder routes)
    {
        ArgumentNullException.ThrowIfNull(routes);
        routes.MapClustersApi();
    }
}

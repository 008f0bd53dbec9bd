using Dashboard.Imports;
using Dashboard.Samples;

namespace Dashboard.Datasets;

public static class DatasetsModule
{
    public static IServiceCollection AddDatasets(this IServiceCollection services)
    {
        services.AddSingleton<DatasetFeed>();
        services.AddSingleton<PendingDatasets>();
        services.AddSingleton<DatasetStore>();
        services.AddSingleton<DemoReadiness>();
        services.AddSingleton<AllowedFolders>();
        services.AddSingleton<UploadReader>();
        services.AddSingleton<ImageFiles>();
        services.AddSingleton<RunSamples>();
        services.AddHostedService<DatasetWork>();
        return services;
    }

    public static void MapDatasets(this IEndpointRouteBuilder routes)
    {
        ArgumentNullException.ThrowIfNull(routes);
        DatasetsApi.Map(routes);
        ZipCheckApi.Map(routes);
        ImagesApi.Map(routes);
    }
}

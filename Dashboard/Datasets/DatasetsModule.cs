using Dashboard.Datasets.Imports;
using Dashboard.Datasets.Samples;

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
        services.AddSingleton<DatasetFiles>().AddSingleton<DatasetProcessing>().AddSingleton<DatasetStart>();
        services.AddHostedService<DatasetWork>();
        return services;
    }
}

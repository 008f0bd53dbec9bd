namespace Dashboard.Storage;

public static class StorageModule
{
    public static IServiceCollection AddStorage(this IServiceCollection services)
    {
        return services;
    }
}

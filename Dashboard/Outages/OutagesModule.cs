namespace Dashboard.Outages;

public static class OutagesModule
{
    /// <summary>The watch alone; what is told to it comes with the storage.</summary>
    public static IServiceCollection AddOutages(this IServiceCollection services) =>
        services.AddSingleton<OutageWatch>().AddHostedService(provider => provider.GetRequiredService<OutageWatch>());
}

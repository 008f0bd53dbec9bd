namespace Dashboard.RateSearch;

/// <summary>The search of a learning rate from the form.</summary>
public static class RateSearchModule
{
    public static IServiceCollection AddRateSearch(this IServiceCollection services) => services.AddSingleton<RateSearches>();
}

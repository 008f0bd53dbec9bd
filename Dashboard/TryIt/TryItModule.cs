namespace Dashboard.TryIt;

public static class TryItModule
{
    public static IServiceCollection AddTryIt(this IServiceCollection services) => services.AddSingleton<ModelShelf>().AddSingleton<ImageTrial>();

    public static void MapTryIt(this IEndpointRouteBuilder routes)
    {
        ArgumentNullException.ThrowIfNull(routes);
        PredictApi.Map(routes);
    }
}

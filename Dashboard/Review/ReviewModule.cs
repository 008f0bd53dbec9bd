namespace Dashboard.Review;

public static class ReviewModule
{
    public static IServiceCollection AddReview(this IServiceCollection services)
    {
        services.AddSingleton<PredictionStore>();
        return services;
    }

    public static void MapReview(this IEndpointRouteBuilder routes)
    {
        ArgumentNullException.ThrowIfNull(routes);
    }
}

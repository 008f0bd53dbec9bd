namespace Dashboard.Trainers;

public static class TrainersModule
{
    public static IServiceCollection AddTrainers(this IServiceCollection services)
    {
        services.AddSingleton<TrainerLink>();
        return services;
    }
}

namespace Dashboard.Trainers;

public static class TrainersModule
{
    public static IServiceCollection AddTrainers(this IServiceCollection services)
    {
        return services;
    }
}

namespace Dashboard.Machines;

public static class MachinesModule
{
    public static IServiceCollection AddMachines(this IServiceCollection services)
    {
        services.AddSingleton<MachineRegistry>();
        return services;
    }

    public static void MapMachines(this IEndpointRouteBuilder routes)
    {
        ArgumentNullException.ThrowIfNull(routes);
    }
}

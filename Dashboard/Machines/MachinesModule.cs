namespace Dashboard.Machines;

/// <summary>The machines that train: what they report, and the hub where their trainers report.</summary>
public static class MachinesModule
{
    public static IServiceCollection AddMachines(this IServiceCollection services)
    {
        services.AddSingleton<MachineRegistry>();
        services.AddSingleton<LocalMachine>();
        return services;
    }

    public static void MapMachines(this IEndpointRouteBuilder routes)
    {
        ArgumentNullException.ThrowIfNull(routes);
        routes.MapHub<MachinesHub>(MachinesHub.Path);
    }
}

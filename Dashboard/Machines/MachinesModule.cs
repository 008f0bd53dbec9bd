using Dashboard.Contact;
using Dashboard.Deliveries;
using Dashboard.Devices;
using Dashboard.Dispatch;
namespace Dashboard.Machines;

/// <summary>The machines that train: what they report, and the hub where their trainers report.</summary>
public static class MachinesModule
{
    public static IServiceCollection AddMachines(this IServiceCollection services)
    {
        services.AddSingleton<MachineRegistry>();
        services.AddSingleton<MachineStore>();
        services.AddSingleton<MachineContacts>();
        services.AddSingleton<MachineService>();
        services.AddSingleton<RunImages>();
        services.AddSingleton<LocalMachine>();
        services.AddSingleton<MachineSampler>();
        services.AddSingleton<MachineSpeeds>();
        services.AddHostedService<MachineReporter>();
        services.AddHostedService<SpeedMeasurement>();
        services.AddHostedService<ContactWatch>();
        services.AddHostedService<QueueBell>();
        return services;
    }

    public static void MapMachines(this IEndpointRouteBuilder routes)
    {
        ArgumentNullException.ThrowIfNull(routes);
        routes.MapMachinesApi();
        routes.MapMachineFiles();
        routes.MapHub<MachinesHub>(MachinesHub.Path);
    }
}

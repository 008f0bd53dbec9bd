using Dashboard.Contact;
using Dashboard.Deliveries;
using Dashboard.Devices;
using Dashboard.Dispatch;
using Dashboard.Doors;
using Microsoft.AspNetCore.Http.Connections;
using Microsoft.AspNetCore.SignalR;

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
        var strangers = routes.ServiceProvider.GetRequiredService<Strangers>();
        // As MapHub does it, with a look at the connection before the hub has it.
        routes.MapConnections(MachinesHub.Path, new HttpConnectionDispatcherOptions(), connection => connection
            .Use(next => context => strangers.WithAsync(context, next))
            .UseHub<MachinesHub>()).WithMetadata(new HubMetadata(typeof(MachinesHub)));
    }
}

using Dashboard.Machines.Devices;

namespace Dashboard.Machines;

/// <summary>Who can train: every machine with what it last said of itself, and what this computer measures of itself.</summary>
public static class MachinesModule
{
    public static IServiceCollection AddMachines(this IServiceCollection services)
    {
        services.AddSingleton<MachineRegistry>().AddSingleton<MachineStore>().AddSingleton<MachineContacts>();
        services.AddSingleton<LocalMachine>().AddSingleton<MachineSampler>().AddSingleton<MachineSpeeds>();
        return services.AddHostedService<MachineReporter>();
    }
}

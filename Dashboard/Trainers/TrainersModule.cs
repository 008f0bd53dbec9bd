using Dashboard.Dispatch;
using Dashboard.Machines;
using Dashboard.Protocol;
using Microsoft.AspNetCore.SignalR;
using Training.Core.Runs;

namespace Dashboard.Trainers;

/// <summary>What starts, watches and hears the trainers of this machine.</summary>
public static class TrainersModule
{
    public static IServiceCollection AddTrainers(this IServiceCollection services)
    {
        services.AddSignalR()
            .AddJsonProtocol(json => CoreJson.Apply(json.PayloadSerializerOptions))
            .AddHubOptions<MachinesHub>(hub =>
            {
                hub.AddFilter<MessageDoor>();
                hub.MaximumReceiveMessageSize = MachinesHub.MaxMessageBytes;
                hub.HandshakeTimeout = MachinesHub.HandshakeTime;
                hub.KeepAliveInterval = MachinesHub.Ping;
                hub.ClientTimeoutInterval = MachinesHub.Silence;
            });
        services.AddSingleton<TrainerLink>();
        services.AddSingleton<ServerAddress>();
        services.AddSingleton<RunDispatch>();
        services.AddSingleton<IDispatcher, LocalDispatcher>();
        services.AddSingleton<TrainerLauncher>();
        services.AddSingleton<AttemptWatch>();
        services.AddHostedService<TrainingService>();
        return services;
    }
}

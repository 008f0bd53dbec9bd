using Dashboard.Protocol;
using Dashboard.Runs;
using Microsoft.AspNetCore.SignalR;

namespace Dashboard.Dispatch.Hubs;

/// <summary>
/// What the dashboard can say to a trainer that is connected: always to that of one attempt. From when it is made it carries what people
/// ask of runs (<see cref="AttemptRequests"/>).
/// </summary>
internal sealed class TrainerLink
{
    private readonly IHubContext<MachineHub> _hub;

    public TrainerLink(IHubContext<MachineHub> hub, AttemptRequests requests, TimeProvider time)
    {
        (_hub, Stops) = (hub, new StopRequests(time));
        requests.StopAsked += StopAsync;
        requests.PauseAsked += PauseAsync;
    }

    /// <summary>
    /// Which attempts were asked to stop, as far as this dashboard knows. Tells how long a trainer has not listened.
    /// </summary>
    internal StopRequests Stops { get; }

    /// <summary>Asks the trainer of an attempt to stop; one that is cut off hears it when it attaches again.</summary>
    public Task StopAsync(AttemptId attempt)
    {
        Stops.Note(attempt);
        return _hub.Clients.Group(HubGroups.Of(attempt)).SendAsync(MachineProtocol.StopMessage);
    }

    /// <summary>The same for a pause.</summary>
    public Task PauseAsync(AttemptId attempt) => _hub.Clients.Group(HubGroups.Of(attempt)).SendAsync(MachineProtocol.PauseMessage);
}

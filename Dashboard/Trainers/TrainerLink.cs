using System.Collections.Concurrent;
using System.Globalization;
using Dashboard.Machines;
using Microsoft.AspNetCore.SignalR;

namespace Dashboard.Trainers;

/// <summary>What the dashboard can say to a trainer that is connected.</summary>
public sealed class TrainerLink(IHubContext<MachinesHub> hub, TimeProvider time)
{
    /// <summary>Refusals remembered: a stranger that makes numbers up must not fill the memory.</summary>
    private const int MaxRefusals = 1000;

    private readonly ConcurrentDictionary<int, DateTimeOffset> _stopRequests = new();
    private readonly ConcurrentDictionary<string, byte> _refusals = new();

    /// <summary>Asks the trainer of the run's current attempt to stop; one that is cut off hears it when it attaches again.</summary>
    public Task StopAsync(int runId)
    {
        NoteStop(runId);
        return hub.Clients.Group(Group(runId)).SendAsync(MachinesHub.StopMessage);
    }

    /// <summary>The same for a pause.</summary>
    public Task PauseAsync(int runId) => hub.Clients.Group(Group(runId)).SendAsync(MachinesHub.PauseMessage);

    internal static string Group(int runId) => string.Create(CultureInfo.InvariantCulture, $"run {runId}");

    /// <summary>When somebody first asked the run to stop; null when nobody did. Tells how long a trainer has not listened.</summary>
    internal DateTimeOffset? StopRequestedAt(int runId) => _stopRequests.TryGetValue(runId, out var at) ? at : null;

    internal void NoteStop(int runId) => _stopRequests.TryAdd(runId, time.GetUtcNow());

    /// <summary>Whether this is the first time that a trainer is refused in these words: worth a line in the log.</summary>
    internal bool IsNewRefusal(string refusal) => _refusals.Count < MaxRefusals && _refusals.TryAdd(refusal, 0);

    internal void Forget(int runId) => _stopRequests.TryRemove(runId, out _);
}

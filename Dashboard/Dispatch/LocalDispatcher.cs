using Dashboard.Dispatch.Hubs;
using Dashboard.Dispatch.Trainers;
using Dashboard.Machines;
using Dashboard.Machines.Devices;
using Dashboard.Processes;
using Dashboard.Protocol;
using Dashboard.Runs;
using Dashboard.Storage.Files;
using Training.Core.Runs;

namespace Dashboard.Dispatch;

/// <summary>The runs of the dashboard's own machine: the database is here, and so are the folders.</summary>
internal sealed class LocalDispatcher(
    RunDispatch dispatch, RunFeed feed, LocalMachine machine, MachineStore machines, DataRoot root, TrainerLink link,
    ServerAddress address) : IDispatcher
{
    public Uri Server => address.ForTrainers;

    public bool SendsFiles => false;

    public IDisposable OnChange(Func<Task> changed)
    {
        var queue = feed.SubscribeToQueue(changed);
        var mode = machines.Subscribe(changed);
        return new Both(queue, mode);
    }

    public async Task<IReadOnlyList<Assignment>> LiveAsync(CancellationToken cancellationToken)
    {
        await machines.EnsureAsync(machine.Name, cancellationToken);
        var live = await dispatch.LiveAsync(machine.Name, cancellationToken);
        foreach (var stopping in live.Where(assignment => assignment.StopRequested))
            link.Stops.Note(new AttemptId(stopping.RunId, stopping.Attempt));
        return live;
    }

    // With the data root gone, a trainer would make the folder anew, in a place where nobody looks for it.
    public async Task<Assignment?> TakeAsync(string device, CancellationToken cancellationToken) =>
        root.Lost() is null ? await dispatch.TakeAsync(machine.Name, device, cancellationToken) : null;

    public Task FetchAsync(Assignment assignment, CancellationToken cancellationToken) => Task.CompletedTask;

    public Task LaunchedAsync(Assignment assignment, ProcessIdentity process, CancellationToken cancellationToken) =>
        dispatch.LaunchedAsync(machine.Name, assignment with { ProcessId = process.Id, ProcessStart = process.Start }, cancellationToken);

    public Task<Standing?> StandingAsync(int runId, int attempt, CancellationToken cancellationToken) =>
        dispatch.StandingAsync(machine.Name, runId, attempt, cancellationToken);

    public Task<long> ApplyAsync(int runId, int attempt, IReadOnlyList<JournalEntry> entries, CancellationToken cancellationToken) =>
        dispatch.ApplyAsync(machine.Name, runId, attempt, entries, cancellationToken);

    public Task DeliverAsync(int runId, int attempt, CancellationToken cancellationToken) => Task.CompletedTask;

    public Task EndAsync(int runId, int attempt, AttemptEnd end, CancellationToken cancellationToken) =>
        dispatch.EndAsync(machine.Name, runId, attempt, end, cancellationToken);

    public TimeSpan? StopAskedFor(int runId, int attempt) => link.Stops.Waited(new AttemptId(runId, attempt));

    public void Forget(int runId, int attempt) => link.Stops.Forget(new AttemptId(runId, attempt));

    private sealed class Both(IDisposable one, IDisposable other) : IDisposable
    {
        public void Dispose()
        {
            one.Dispose();
            other.Dispose();
        }
    }
}

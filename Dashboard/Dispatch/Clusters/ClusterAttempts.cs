using Dashboard.Dispatch.Hubs;
using Dashboard.Protocol;
using Dashboard.Runs;
using Dashboard.Storage;
using Training.Core.Runs;

namespace Dashboard.Dispatch.Clusters;

/// <summary>The attempts of a cluster: the database is here, and so are the folders.</summary>
internal sealed class ClusterAttempts(string cluster, RunDispatch dispatch, TrainerLink link) : IAttempts
{
    public Task<RunRow?> TakeAsync(RunTaking taking, CancellationToken cancellationToken) => dispatch.TakeAsync(taking, cancellationToken);

    public Task<Standing?> StandingAsync(int runId, int attempt, CancellationToken cancellationToken) =>
        dispatch.StandingAsync(cluster, runId, attempt, cancellationToken);

    public Task<long> ApplyAsync(int runId, int attempt, IReadOnlyList<JournalEntry> entries, CancellationToken cancellationToken) =>
        dispatch.ApplyAsync(cluster, runId, attempt, entries, cancellationToken);

    public Task DeliverAsync(int runId, int attempt, CancellationToken cancellationToken) => Task.CompletedTask;

    public Task EndAsync(int runId, int attempt, AttemptEnd end, CancellationToken cancellationToken) =>
        dispatch.EndAsync(cluster, runId, attempt, end, cancellationToken);

    public TimeSpan? StopAskedFor(int runId, int attempt) => link.Stops.Waited(new AttemptId(runId, attempt));

    public void NoteStop(int runId, int attempt) => link.Stops.Note(new AttemptId(runId, attempt));

    public void Forget(int runId, int attempt) => link.Stops.Forget(new AttemptId(runId, attempt));
}

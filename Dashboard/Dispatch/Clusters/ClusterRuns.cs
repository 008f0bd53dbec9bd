using Dashboard.Dispatch.Slurm;
using Dashboard.Dispatch.Words;
using Dashboard.Runs;
using Dashboard.Storage;

namespace Dashboard.Dispatch.Clusters;

/// <summary>
/// The runs of clusters with their jobs, as the database has them: what Slurm says of a job is written down with the run that it trains.
/// Thread-safe.
/// </summary>
internal sealed class ClusterRuns(RunStore runs, ClusterJobs jobs, TimeProvider time)
{
    /// <summary>Slurm's estimates wander by some seconds with each look.</summary>
    private static readonly TimeSpan EstimateStep = TimeSpan.FromSeconds(30);

    public Task<IReadOnlyList<(RunRow Run, AttemptRow Attempt)>> LiveAsync(string cluster, CancellationToken cancellationToken) =>
        runs.LiveOnAsync(cluster, cancellationToken);

    public Task<RunRow?> GetAsync(int runId, CancellationToken cancellationToken) => runs.GetAsync(runId, cancellationToken);

    /// <summary>The job of the run's current attempt; null when the dashboard ended before it had asked for one.</summary>
    public Task<ClusterJobRow?> JobAsync(RunRow run, CancellationToken cancellationToken) =>
        jobs.GetAsync(run.Id, run.Attempt, cancellationToken);

    /// <summary>The run was taken for a cluster, and a job is about to be asked for.</summary>
    public Task TakenAsync(RunRow run, CancellationToken cancellationToken) => jobs.AddAsync(
        new ClusterJobRow { RunId = run.Id, Attempt = run.Attempt, Submission = run.Attempt, SubmittedAt = time.GetUtcNow() },
        cancellationToken);

    /// <summary>The run was taken anew, for a job that Slurm starts again.</summary>
    /// <param name="before">The job as the attempt before had it.</param>
    public Task TakenAgainAsync(RunRow run, ClusterJobRow before, SlurmJob job, CancellationToken cancellationToken) => jobs.AddAsync(
        new ClusterJobRow
        {
            RunId = run.Id, Attempt = run.Attempt, Submission = before.Submission, Restarts = job.Restarts, JobId = job.Id,
            State = job.State, SubmittedAt = time.GetUtcNow(),
        }, cancellationToken);

    /// <summary>The script is being handed to Slurm now.</summary>
    public Task SubmittingAsync(RunRow run, CancellationToken cancellationToken) =>
        jobs.ChangeAsync(run.Id, run.Attempt, row => row.SubmittedAt = time.GetUtcNow(), cancellationToken);

    /// <summary>Slurm had taken a submission whose answer got lost.</summary>
    public Task FoundAsync(RunRow run, string job, CancellationToken cancellationToken) =>
        jobs.ChangeAsync(run.Id, run.Attempt, row => row.JobId = job, cancellationToken);

    /// <summary>Slurm took it.</summary>
    public async Task SubmittedAsync(RunRow run, string job, CancellationToken cancellationToken)
    {
        await jobs.ChangeAsync(run.Id, run.Attempt, row => (row.JobId, row.State) = (job, "PENDING"), cancellationToken);
        await runs.SetWaitingAsync(run.Id, run.Attempt, JobWords.WaitsAt(run.Machine, job), "PENDING", cancellationToken);
    }

    /// <summary>The attempt has no job and gets none: the run waits again.</summary>
    public async Task HandBackAsync(RunRow run, string reason, CancellationToken cancellationToken)
    {
        await jobs.RemoveAsync(run.Id, run.Attempt, cancellationToken);
        await runs.HandBackAsync(run.Id, run.Attempt, reason, cancellationToken);
    }

    /// <summary>Writes down how squeue shows a job that goes on.</summary>
    public async Task ShowAsync(RunRow run, AttemptRow attempt, ClusterJobRow row, SlurmJob job, CancellationToken cancellationToken)
    {
        if (IsNew(row, job))
        {
            var began = row.BeganAt is null && job.IsRunning;
            await jobs.ChangeAsync(run.Id, run.Attempt, shown =>
            {
                (shown.State, shown.Reason, shown.StartsAt) = (job.State, job.Reason, job.StartsAt);
                // Where it was, as long as Slurm names no other place.
                if (job.Node.Length > 0) shown.Node = job.Node;
                if (began) shown.BeganAt = time.GetUtcNow();
            }, cancellationToken);
            if (began) await runs.SetBegunAsync(run.Id, run.Attempt, cancellationToken);
        }
        var phase = JobText.Phase(job, time.GetLocalNow());
        if (attempt.LastSequence == 0 && run.Phase != phase)
            await runs.SetWaitingAsync(run.Id, run.Attempt, JobWords.WaitsAt(run.Machine, job.Id), phase, cancellationToken);
    }

    /// <summary>The job is over.</summary>
    public Task OverAsync(RunRow run, ClusterJobRow row, CancellationToken cancellationToken) => jobs.ChangeAsync(
        run.Id, run.Attempt, job => (job.State, job.Reason, job.StartsAt) = ("", "", row.BeganAt), cancellationToken);

    private static bool IsNew(ClusterJobRow row, SlurmJob job) =>
        row.State != job.State || row.Reason != job.Reason || job.Node.Length > 0 && row.Node != job.Node || row.BeganAt is null
        && job.IsRunning
        || row.StartsAt is null != job.StartsAt is null || row.StartsAt is { } before && job.StartsAt is { } after
        && (after - before).Duration() > EstimateStep;
}

using Dashboard.Dispatch.Slurm;
using Dashboard.Processes;
using Dashboard.Protocol;
using Dashboard.Runs;

namespace Dashboard.Dispatch.Clusters;

/// <summary>
/// Sends a cluster the runs that wait for it. Slurm queues by itself: it gets as many as its limit here allows, and after a refusal a pause
/// that grows.
/// </summary>
internal sealed class ClusterIntake(
    ClusterSite site, ClusterRuns runs, ClusterAttempts attempts, JobSubmitter submitter, JobWatch watch, ToldServers servers,
    ClusterContacts contacts, TimeProvider time)
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(1);

    private readonly Backoff _backoff = new(FirstPause, LongestPause);
    private DateTimeOffset _retryAt;

    /// <exception cref="SlurmException">Its controller doesn't answer.</exception>
    public async Task TakeAsync(SlurmClient slurm, ClusterSettings settings, CancellationToken cancellationToken)
    {
        if (time.GetUtcNow() < _retryAt || !await site.TakesRunsAsync(cancellationToken)) return;
        for (var room = settings.MaxJobs - (await runs.LiveAsync(site.Name, cancellationToken)).Count; room > 0; room--)
        {
            var token = AttemptToken.Create();
            var taking = new RunTaking { Machine = site.Name, TokenHash = AttemptToken.Hash(token), Device = settings.Device,
                BoundOnly = !settings.TakesAnyRun };
            if (await attempts.TakeAsync(taking, cancellationToken) is not { } run) return;
            await runs.TakenAsync(run, cancellationToken);
            servers.Tell(run, settings.Server);
            submitter.Launches(run.Id, run.Attempt).Write(restarts: 0, run.Attempt, token);
            var refusal = await watch.SubmitAsync(slurm, settings, run, run.Attempt, cancellationToken);
            contacts.ShowRefusal(site.Name, refusal);
            if (refusal is null)
            {
                _backoff.Reset();
                continue;
            }
            _retryAt = time.GetUtcNow() + _backoff.Next();
            return;
        }
    }
}

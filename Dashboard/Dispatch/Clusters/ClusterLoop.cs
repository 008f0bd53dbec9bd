using Dashboard.Dispatch.Slurm;
using Dashboard.Dispatch.Trainers;
using Dashboard.Machines;
using Dashboard.Processes;
using Dashboard.Protocol;
using Dashboard.Runs;
using Dashboard.Storage;

namespace Dashboard.Dispatch.Clusters;

/// <summary>
/// What the dashboard does for one cluster, over and over: asks Slurm once how everything stands, then looks at each attempt, then sends
/// what waits.
/// </summary>
internal sealed class ClusterLoop(
    string name, Func<ClusterSettings, SlurmClient> connect, JobSubmitter submitter, JobWatch watch, ClusterAttempts attempts,
    ClusterStore clusters,
    ClusterBoard board, MachineStore machines, MachineContacts contacts, RunStore runs, ClusterJobs jobs, DashboardOptions options,
    TimeProvider time)
{
    /// <summary>A cluster without runs of ours is only asked whether it is there.</summary>
    private static readonly TimeSpan LookWhenIdle = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan LookAtNodes = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(1);

    private readonly Dictionary<int, (int Attempt, string Server)> _told = [];
    private readonly Backoff _backoff = new(FirstPause, LongestPause);
    private DateTimeOffset _retryAt;
    private DateTimeOffset? _looked;
    private DateTimeOffset _lookedAtNodes;

    public async Task TickAsync(CancellationToken cancellationToken)
    {
        if (await clusters.GetAsync(name, cancellationToken) is not { } row) return;
        var settings = ClusterSettings.Of(row);
        var slurm = connect(settings);
        try
        {
            // In this order: every job of an attempt that was read is older than what squeue shows.
            var live = await runs.LiveOnAsync(name, cancellationToken);
            if (live.Count > 0 || _looked is not { } before || time.GetUtcNow() - before >= LookWhenIdle)
            {
                var shown = await slurm.JobsAsync(cancellationToken);
                _looked = time.GetUtcNow();
                Answers();
                foreach (var (run, attempt) in live)
                {
                    Tell(run, settings.Server);
                    await watch.LookAsync(slurm, settings, run, attempt, shown, cancellationToken);
                }
                await watch.TidyAsync(slurm, live, shown, cancellationToken);
                foreach (var gone in _told.Keys.Except(live.Select(each => each.Run.Id)).ToList()) _told.Remove(gone);
            }
            await TakeAsync(slurm, settings, cancellationToken);
            await LookAtNodesAsync(slurm, settings, cancellationToken);
        }
        catch (SlurmException e)
        {
            _looked = null;
            IsSilent(e.Message);
        }
    }

    /// <summary>The cluster was removed: its jobs end.</summary>
    public async Task LeaveAsync(ClusterSettings settings, CancellationToken cancellationToken)
    {
        var slurm = connect(settings);
        foreach (var job in await slurm.JobsAsync(cancellationToken))
            if (submitter.RunOf(job) is not null && !job.IsOver) await slurm.CancelAsync(job.Id, cancellationToken);
        board.Forget(name);
    }

    /// <summary>Slurm queues by itself: it gets as many runs as its limit here allows.</summary>
    private async Task TakeAsync(SlurmClient slurm, ClusterSettings settings, CancellationToken cancellationToken)
    {
        if (time.GetUtcNow() < _retryAt || !await machines.TakesRunsAsync(name, cancellationToken)) return;
        for (var room = settings.MaxJobs - (await runs.LiveOnAsync(name, cancellationToken)).Count; room > 0; room--)
        {
            var token = AttemptToken.Create();
            var taking = new RunTaking { Machine = name, TokenHash = AttemptToken.Hash(token), Device = settings.Device,
                BoundOnly = !settings.TakesAnyRun };
            if (await attempts.TakeAsync(taking, cancellationToken) is not { } run) return;
            await jobs.AddAsync(new ClusterJobRow { RunId = run.Id, Attempt = run.Attempt, Submission = run.Attempt,
                SubmittedAt = time.GetUtcNow() }, cancellationToken);
            Tell(run, settings.Server);
            submitter.Launches(run.Id, run.Attempt).Write(restarts: 0, run.Attempt, token);
            var refusal = await watch.SubmitAsync(slurm, settings, run, run.Attempt, cancellationToken);
            Answers();
            board.Put(name, standing => standing with { Refusal = refusal ?? "" });
            if (refusal is null)
            {
                _backoff.Reset();
                continue;
            }
            _retryAt = time.GetUtcNow() + _backoff.Next();
            return;
        }
    }

    private async Task LookAtNodesAsync(SlurmClient slurm, ClusterSettings settings, CancellationToken cancellationToken)
    {
        if (time.GetUtcNow() - _lookedAtNodes < LookAtNodes) return;
        _lookedAtNodes = time.GetUtcNow();
        var nodes = string.Join(", ", await slurm.NodesAsync(settings.Partition, cancellationToken));
        Answers();
        board.Put(name, standing => standing with { Nodes = nodes });
    }

    /// <summary>Where its trainer finds the dashboard: the address may have been changed since it began.</summary>
    private void Tell(RunRow run, string server)
    {
        // An attempt in between may have trained on this computer, which reaches the dashboard under another address.
        if (_told.GetValueOrDefault(run.Id) == (run.Attempt, server)) return;
        ServerFile.Write(options.RunFolder(run.Id), new Uri(server));
        _told[run.Id] = (run.Attempt, server);
    }

    private void Answers()
    {
        contacts.MachineCame(name, nameof(ClusterLoop));
        board.Put(name, standing => standing with { Trouble = "", TroubleSince = null });
    }

    private void IsSilent(string trouble)
    {
        if (board.Get(name).TroubleSince is null) contacts.MachineWent(name, nameof(ClusterLoop));
        board.Put(name, standing => standing with { Trouble = trouble, TroubleSince = standing.TroubleSince ?? time.GetUtcNow() });
    }
}

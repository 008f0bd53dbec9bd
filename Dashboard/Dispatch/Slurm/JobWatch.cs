using Dashboard.Dispatch.Clusters;
using Dashboard.Dispatch.Trainers;
using Dashboard.Dispatch.Words;
using Dashboard.Protocol;
using Dashboard.Runs;
using Dashboard.Storage;

namespace Dashboard.Dispatch.Slurm;

/// <summary>
/// Stays with the attempts of one cluster: says how their jobs stand, ends those whose job is over, and gives a job that Slurm starts again
/// the next attempt.
/// </summary>
internal sealed partial class JobWatch(
    string cluster, JobSubmitter submitter, ClusterRuns runs, ClusterContacts contacts, ClusterAttempts attempts, AttemptEnding ending,
    TimeProvider time, ILogger logger)
{
    /// <summary>A job that squeue doesn't show may have been submitted while it answered.</summary>
    private const int MissesUntilGone = 2;

    /// <summary>So long a controller may still take up a job whose submission it didn't answer.</summary>
    private static readonly TimeSpan AnswerAtMost = TimeSpan.FromSeconds(10);

    /// <summary>More than a finished trainer takes to deliver and leave.</summary>
    private static readonly TimeSpan LingerAtMost = TimeSpan.FromSeconds(60);

    /// <summary>A cancellation may get lost with the controller that had taken it.</summary>
    internal static readonly TimeSpan CancelAgain = TimeSpan.FromMinutes(2);

    private readonly Dictionary<AttemptId, int> _misses = [];
    private readonly Dictionary<string, DateTimeOffset> _cancelled = [];
    private readonly Dictionary<string, DateTimeOffset> _lingering = [];

    /// <summary>Jobs and attempts that something is remembered of.</summary>
    internal int Remembered => _misses.Count + _cancelled.Count + _lingering.Count;

    /// <summary>Looks at one live attempt.</summary>
    /// <param name="shown">What squeue showed after the attempt was read.</param>
    public async Task LookAsync(
        SlurmClient slurm, ClusterSettings settings, RunRow run, AttemptRow attempt, IReadOnlyList<SlurmJob> shown,
        CancellationToken cancellationToken)
    {
        if (run.StopRequested) attempts.NoteStop(run.Id, run.Attempt);
        if (await runs.JobAsync(run, cancellationToken) is not { } row)
        {
            // The dashboard ended before it had asked for a job.
            await runs.HandBackAsync(run, "", cancellationToken);
            return;
        }
        if (row.JobId.Length == 0)
        {
            await FindAsync(slurm, settings, run, row, shown, cancellationToken);
            return;
        }
        var job = shown.FirstOrDefault(job => job.Id == row.JobId);
        if (job is null) await MissAsync(run, row, cancellationToken);
        else if (job.Restarts > row.Restarts) await GoOnAsync(slurm, settings, run, row, job, cancellationToken);
        else if (job.IsOver)
            await EndAsync(run, row, SlurmWords.Ended(job), isFinal: job.State == "CANCELLED" && !run.PauseRequested, job.ExitCode,
                cancellationToken);
        else await ShowAsync(slurm, run, attempt, row, job, cancellationToken);
    }

    /// <summary>A submission whose answer got lost: the job is there, or it is submitted again.</summary>
    private async Task FindAsync(
        SlurmClient slurm, ClusterSettings settings, RunRow run, ClusterJobRow row, IReadOnlyList<SlurmJob> shown,
        CancellationToken cancellationToken)
    {
        var comment = submitter.Comment(run.Id, row.Submission);
        var found = shown.Where(job => job.Comment == comment)
            .MinBy(job => long.Parse(job.Id, System.Globalization.CultureInfo.InvariantCulture));
        if (found is not null)
        {
            LogFound(run.Id, run.Attempt, found.Id);
            await runs.FoundAsync(run, found.Id, cancellationToken);
        }
        else if (time.GetUtcNow() - row.SubmittedAt >= AnswerAtMost)
        {
            var launches = submitter.Launches(run.Id, row.Submission);
            if (launches.IsUnused && !run.StopRequested && !run.PauseRequested)
                await SubmitAsync(slurm, settings, run, row.Submission, cancellationToken);
            else if (launches.IsUnused || !Directory.Exists(launches.Path)) await runs.HandBackAsync(run, "", cancellationToken);
            else await EndAsync(run, row, JobWords.Forgotten, isFinal: false, null,
                cancellationToken);
        }
    }

    /// <summary>Hands the attempt's script to Slurm.</summary>
    /// <returns>Why Slurm refuses it; null when it took it.</returns>
    public async Task<string?> SubmitAsync(
        SlurmClient slurm, ClusterSettings settings, RunRow run, int submission, CancellationToken cancellationToken)
    {
        await runs.SubmittingAsync(run, cancellationToken);
        var answer = await slurm.SubmitAsync(submitter.Options(settings, run, submission), submitter.Script(settings, run.Id, submission),
            cancellationToken);
        if (answer.Refusal is { } refusal)
        {
            var words = JobWords.RefusedBy(cluster, refusal, SlurmWords.Remedy(refusal));
            LogRefused(run.Id, words);
            await runs.HandBackAsync(run, JobWords.TriedAgain(words), cancellationToken);
            return words;
        }
        LogSubmitted(run.Id, run.Attempt, answer.Job!);
        await runs.SubmittedAsync(run, answer.Job!, cancellationToken);
        return null;
    }

    /// <summary>Not shown: purged, or the controller lost its state. While its trainer speaks, nothing is lost.</summary>
    private async Task MissAsync(RunRow run, ClusterJobRow row, CancellationToken cancellationToken)
    {
        var id = new AttemptId(run.Id, run.Attempt);
        var misses = _misses[id] = _misses.GetValueOrDefault(id) + 1;
        if (misses < MissesUntilGone || contacts.IsSpeaking(run)) return;
        await EndAsync(run, row, JobWords.Lost(row.JobId, cluster), isFinal: false, null, cancellationToken);
    }

    /// <summary>Slurm has put the job back into its queue: this attempt is over, and the job's next start trains the next one.</summary>
    private async Task GoOnAsync(
        SlurmClient slurm, ClusterSettings settings, RunRow run, ClusterJobRow row, SlurmJob job, CancellationToken cancellationToken)
    {
        var words = JobWords.TakenBack(job.Id, row.Node, await NodeAsync(slurm, row.Node, cancellationToken));
        LogBack(run.Id, run.Attempt, job.Id, row.Node);
        await ending.SettleAsync(run.Id, run.Attempt, folder => new AttemptEnd(words, IsFinal: false, File.Exists(folder.Checkpoint)),
            cancellationToken);
        var token = AttemptToken.Create();
        var taking = new RunTaking { Machine = cluster, TokenHash = AttemptToken.Hash(token), Device = settings.Device, RunId = run.Id };
        if (await attempts.TakeAsync(taking, cancellationToken) is not { } again)
        {
            submitter.Launches(run.Id, row.Submission).Close();
            await slurm.CancelAsync(job.Id, cancellationToken);
            return;
        }
        await runs.TakenAgainAsync(again, row, job, cancellationToken);
        submitter.Launches(run.Id, row.Submission).Write(job.Restarts, again.Attempt, token);
    }

    private async Task EndAsync(
        RunRow run, ClusterJobRow row, string words, bool isFinal, int? exitCode, CancellationToken cancellationToken)
    {
        LogOver(run.Id, run.Attempt, row.JobId, words);
        await runs.OverAsync(run, row, cancellationToken);
        await ending.SettleAsync(run.Id, run.Attempt, folder => new AttemptEnd(
            run.PauseRequested && row.BeganAt is null
            ? JobWords.HeldBack : JobText.WithLog(words, exitCode, folder, run.Attempt),
            isFinal || TrainerDeath.IsFinal(exitCode), File.Exists(folder.Checkpoint)), cancellationToken);
        submitter.Launches(run.Id, row.Submission).Close();
        _misses.Remove(new AttemptId(run.Id, run.Attempt));
    }

    private async Task ShowAsync(
        SlurmClient slurm, RunRow run, AttemptRow attempt, ClusterJobRow row, SlurmJob job, CancellationToken cancellationToken)
    {
        _misses.Remove(new AttemptId(run.Id, run.Attempt));
        await runs.ShowAsync(run, attempt, row, job, cancellationToken);
        var waits = job.State is not ("RUNNING" or "COMPLETING");
        if (waits && (run.StopRequested || run.PauseRequested) || attempts.StopAskedFor(run.Id, run.Attempt) >= AttemptWatch.TerminateAfter)
            await CancelAsync(slurm, job.Id, cancellationToken);
    }

    /// <summary>Once: Slurm itself first asks a job's processes, then ends them.</summary>
    private async Task CancelAsync(SlurmClient slurm, string job, CancellationToken cancellationToken)
    {
        if (IsCancelled(job)) return;
        LogCancel(job);
        await slurm.CancelAsync(job, cancellationToken);
        _cancelled[job] = time.GetUtcNow();
    }

    /// <summary>The cluster was removed: every job of this dashboard ends.</summary>
    public async Task CancelAllAsync(SlurmClient slurm, CancellationToken cancellationToken)
    {
        foreach (var job in await slurm.JobsAsync(cancellationToken))
            if (submitter.RunOf(job) is not null && !job.IsOver) await slurm.CancelAsync(job.Id, cancellationToken);
    }

    private bool IsCancelled(string job) => _cancelled.TryGetValue(job, out var at) && time.GetUtcNow() - at < CancelAgain;

    /// <summary>
    /// Ends jobs that nobody waits for any more (of attempts that are over, or that were submitted twice), and forgets what is over.
    /// </summary>
    /// <param name="live">The attempts that were looked at.</param>
    public async Task TidyAsync(
        SlurmClient slurm, IReadOnlyList<(RunRow Run, AttemptRow Attempt)> live, IReadOnlyList<SlurmJob> shown,
        CancellationToken cancellationToken)
    {
        Forget(live, shown);
        foreach (var job in shown.Where(job => !job.IsOver && !IsCancelled(job.Id)))
        {
            // A run that this database doesn't know may belong to a later copy of it.
            if (submitter.RunOf(job) is not { } runId || await runs.GetAsync(runId, cancellationToken) is not { } run) continue;
            var current = run.State.IsLive() && run.Machine == cluster ? await runs.JobAsync(run, cancellationToken) : null;
            if (current is not null && (current.JobId == job.Id || current.JobId.Length == 0)) continue;
            // A trainer that has trained to the end delivers what it has and leaves by itself.
            if (current is null && !job.IsPending && !HasLingered(job)) continue;
            await CancelAsync(slurm, job.Id, cancellationToken);
        }
    }

    /// <summary>A cluster gives its numbers out again: what was done to a job that is gone must not be taken for another's.</summary>
    private void Forget(IReadOnlyList<(RunRow Run, AttemptRow Attempt)> live, IReadOnlyList<SlurmJob> shown)
    {
        var jobs = shown.Where(job => !job.IsOver).Select(job => job.Id).ToHashSet();
        foreach (var gone in _cancelled.Keys.Except(jobs).ToList()) _cancelled.Remove(gone);
        foreach (var gone in _lingering.Keys.Except(jobs).ToList()) _lingering.Remove(gone);
        foreach (var over in _misses.Keys.Except(live.Select(each => new AttemptId(each.Run.Id, each.Run.Attempt))).ToList())
            _misses.Remove(over);
    }

    private bool HasLingered(SlurmJob job)
    {
        _lingering.TryAdd(job.Id, time.GetUtcNow());
        return time.GetUtcNow() - _lingering[job.Id] >= LingerAtMost;
    }

    private static async Task<string> NodeAsync(SlurmClient slurm, string node, CancellationToken cancellationToken)
    {
        try
        {
            return await slurm.NodeAsync(node, cancellationToken);
        }
        catch (SlurmException)
        {
            return "";
        }
    }

    [LoggerMessage(LogLevel.Information, "Run {RunId}, attempt {Attempt} is Slurm's job {Job}")]
    private partial void LogSubmitted(int runId, int attempt, string job);

    [LoggerMessage(LogLevel.Warning, "Run {RunId}: {Words}")]
    private partial void LogRefused(int runId, string words);

    [LoggerMessage(LogLevel.Information, "Run {RunId}, attempt {Attempt}: Slurm had taken it as job {Job}")]
    private partial void LogFound(int runId, int attempt, string job);

    [LoggerMessage(LogLevel.Warning, "Run {RunId}, attempt {Attempt}: Slurm took job {Job} back from {Node}")]
    private partial void LogBack(int runId, int attempt, string job, string node);

    [LoggerMessage(LogLevel.Information, "Run {RunId}, attempt {Attempt}: job {Job} is over. {Words}")]
    private partial void LogOver(int runId, int attempt, string job, string words);

    [LoggerMessage(LogLevel.Information, "Job {Job} is cancelled")]
    private partial void LogCancel(string job);
}

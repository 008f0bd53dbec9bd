using Dashboard.Datasets;
using Dashboard.Dispatch.Hubs;
using Dashboard.Dispatch.Words;
using Dashboard.Machines;
using Dashboard.Protocol;
using Dashboard.Runs;
using Dashboard.Runs.Artifacts;
using Dashboard.Storage;
using Microsoft.Extensions.Options;
using Training.Core.Runs;

namespace Dashboard.Dispatch;

/// <summary>Gives machines their runs, the dashboard's own and others alike; each may touch its own attempts only.</summary>
internal sealed class RunDispatch(
    RunStore runs, RunFiles files, DatasetStore datasets, MachineStore machines, IOptions<DashboardOptions> options, TimeProvider time)
{
    public async Task<IReadOnlyList<Assignment>> LiveAsync(string machine, CancellationToken cancellationToken) =>
        [.. (await runs.LiveOnAsync(machine, cancellationToken)).Select(live => new Assignment(
            live.Run.Id, live.Run.Attempt, StopRequested: live.Run.StopRequested, ProcessId: live.Attempt.ProcessId,
                ProcessStart: live.Attempt.ProcessStart))];

    /// <summary>Null when nothing waits that this machine may train, or when it shall take nothing.</summary>
    public async Task<Assignment?> TakeAsync(string machine, string device, CancellationToken cancellationToken)
    {
        if (!await machines.TakesRunsAsync(machine, cancellationToken)) return null;
        var token = AttemptToken.Create();
        if (await TakeAsync(new RunTaking { Machine = machine, TokenHash = AttemptToken.Hash(token), Device = device },
            cancellationToken) is not { } run) return null;
        if (options.Value.IsOneOfSeveral) AttemptFile.Write(options.Value.RunFolder(run.Id), run.Attempt);
        return new Assignment(run.Id, run.Attempt, token, device);
    }

    /// <summary>Null when no such run waits. Where its images are to be read is what counts now.</summary>
    public async Task<RunRow?> TakeAsync(RunTaking taking, CancellationToken cancellationToken)
    {
        if (await runs.TakeAsync(taking, cancellationToken) is not { } run) return null;
        var (root, fence, _) = await datasets.ImagesAsync(run.DatasetId, run.DatasetName, cancellationToken);
        files.Place(run.Id, root, fence);
        return run;
    }

    public async Task LaunchedAsync(string machine, Assignment assignment, CancellationToken cancellationToken)
    {
        if (assignment is { ProcessId: { } process, ProcessStart: { } start }
            && await StandingAsync(machine, assignment.RunId, assignment.Attempt, cancellationToken) is not null)
            await runs.SetProcessAsync(assignment.RunId, assignment.Attempt, process, start, cancellationToken);
    }

    /// <summary>Null when this machine has no such attempt.</summary>
    public async Task<Standing?> StandingAsync(string machine, int runId, int attempt, CancellationToken cancellationToken)
    {
        if (await runs.AttemptAsync(runId, attempt, cancellationToken) is not var (run, row) || row.Machine != machine) return null;
        var seconds = run.StartedAt is { } started ? (time.GetUtcNow() - started).TotalSeconds : 0;
        var isCurrent = run.Attempt == attempt;
        // What is asked of a later attempt is not asked of this one.
        return new Standing(
            isCurrent && run.State.IsLive(), row.LastSequence, isCurrent && run.StopRequested, run.BestEpoch, run.BestValAccuracy, seconds);
    }

    /// <exception cref="StaleAttemptException">The attempt is over, or not this machine's.</exception>
    /// <exception cref="ImpossibleReportException">The entries can't be.</exception>
    public async Task<long> ApplyAsync(
        string machine, int runId, int attempt, IReadOnlyList<JournalEntry> entries, CancellationToken cancellationToken)
    {
        if (await runs.AttemptAsync(runId, attempt, cancellationToken) is not var (run, row) || row.Machine != machine)
            throw new StaleAttemptException(HubWords.NotOf(machine, runId, attempt));
        RunPlan.Of(run).Check(entries);
        return await runs.ApplyAsync(runId, attempt, entries, cancellationToken);
    }

    /// <returns>false when the trainer is there already, or the attempt is over.</returns>
    public async Task<bool> SetPhaseAsync(
        string machine, int runId, int attempt, string words, double fraction, CancellationToken cancellationToken) =>
        await StandingAsync(machine, runId, attempt, cancellationToken) is { IsOpen: true, LastSequence: 0 }
        && await runs.SetPhaseAsync(runId, attempt, ForeignText.Shorten(words, 200, " …"), Math.Clamp(fraction, 0, 1), cancellationToken);

    public async Task EndAsync(string machine, int runId, int attempt, AttemptEnd end, CancellationToken cancellationToken)
    {
        if (await StandingAsync(machine, runId, attempt, cancellationToken) is null) return;
        if (end.IsFinal) await runs.FailAsync(runId, attempt, end.Reason, cancellationToken);
        else await runs.DieAsync(runId, attempt, end.Reason, end.HasCheckpoint, cancellationToken);
    }
}

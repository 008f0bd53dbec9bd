using Dashboard.Machines.Devices;
using Dashboard.Runs.Words;
using Dashboard.Storage;
using Microsoft.EntityFrameworkCore;
using Training.Core.Recipes;

namespace Dashboard.Runs;

// How an attempt begins.
public sealed partial class RunStore
{
    /// <summary>
    /// The first waiting run that may train on this machine's device becomes Preparing with a new attempt; null when none waits. Atomic.
    /// </summary>
    /// <param name="tokenHash">SHA-256 of the new attempt's secret.</param>
    /// <param name="device">As machines name it: "cpu", "cuda:0".</param>
    public Task<RunRow?> TakeNextAsync(
        string machine, string tokenHash, string device = LocalMachine.Cpu, CancellationToken cancellationToken = default) =>
        TakeAsync(new RunTaking { Machine = machine, TokenHash = tokenHash, Device = device }, cancellationToken);

    /// <inheritdoc cref="TakeNextAsync"/>
    internal async Task<RunRow?> TakeAsync(RunTaking taking, CancellationToken cancellationToken)
    {
        var (machine, kind) = (taking.Machine, taking.Device == LocalMachine.Cpu ? Recipe.AnyCpu : Recipe.AnyGpu);
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        for (var left = MostTries; ; left--)
        {
            using (await _gate.EnterAsync(db, 0, cancellationToken))
            {
                var waiting = db.Runs.Where(row => row.State == RunState.Queued);
                waiting = taking switch
                {
                    { RunId: { } wanted } => waiting.Where(row => row.Id == wanted),
                    { BoundOnly: true } => waiting.Where(row => row.BoundTo == machine),
                    _ => waiting.Where(row => row.BoundTo == "" || row.BoundTo == machine || row.BoundTo == kind),
                };
                var run = await InOrder(waiting).FirstOrDefaultAsync(cancellationToken);
                if (run is null) return null;
                // Whoever looks now wants to know why it begins again.
                run.Move(RunState.Preparing,
                    run.Deaths > 0 || run.Attempt > 0 && run.Reason.Length > 0 ? run.Reason : RunWords.LaunchesTrainer);
                run.Attempt++;
                run.Machine = machine;
                run.LostContactAt = null;
                run.LastEventAt = time.GetUtcNow();
                await LeavePauseOutAsync(db, run, run.LastEventAt.Value, cancellationToken);
                db.Attempts.Add(new AttemptRow
                {
                    RunId = run.Id, Number = run.Attempt, TokenHash = taking.TokenHash, Machine = machine,
                        StartedAt = run.LastEventAt.Value,
                    FirstStep = run.Step,
                });
                if (!await TrySaveAsync(db, left, cancellationToken)) continue;
                db.ChangeTracker.Clear();
                await TellAsync(db, run.Id, moved: true);
                return run;
            }
        }
    }

    /// <summary>Records which process runs the attempt.</summary>
    public async Task SetProcessAsync(
        int runId, int attempt, int processId, long processStart, CancellationToken cancellationToken = default)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        await db.Attempts.Where(row => row.RunId == runId && row.Number == attempt).ExecuteUpdateAsync(
            set => set.SetProperty(row => row.ProcessId, processId).SetProperty(row => row.ProcessStart, processStart), cancellationToken);
    }

    /// <summary>What is done for an attempt before its trainer runs.</summary>
    internal Task<bool> SetPhaseAsync(int runId, int attempt, string words, double? fraction, CancellationToken cancellationToken) =>
        ChangeAsync(runId, (_, run) =>
        {
            if (run.Attempt != attempt || run.State != RunState.Preparing) return Task.FromResult(false);
            (run.Phase, run.PhaseFraction) = (words, fraction);
            return Task.FromResult(true);
        }, cancellationToken);

    /// <summary>
    /// Takes back an attempt that no trainer was started for: the run waits again, in its old place, as if it had not been taken.
    /// </summary>
    /// <param name="reason">Why, in words.</param>
    /// <returns>false when the attempt is over.</returns>
    internal Task<bool> HandBackAsync(int runId, int attempt, string reason, CancellationToken cancellationToken) =>
        ChangeAsync(runId, async (db, run) =>
        {
            if (run.Attempt != attempt || run.State != RunState.Preparing
                || await db.Attempts.FindAsync([runId, attempt], cancellationToken) is not { } row) return false;
            var before = await db.Attempts.FindAsync([runId, attempt - 1], cancellationToken);
            if (before is null) run.StartedAt = null;
            else if (before.EndedAt is { } ended)
                (run.StartedAt, run.TrainingStartedAt) =
                    (run.StartedAt - (row.StartedAt - ended), run.TrainingStartedAt - (row.StartedAt - ended));
            db.Attempts.Remove(row);
            run.Attempt--;
            run.Machine = before?.Machine ?? "";
            (run.Phase, run.PhaseFraction, run.LostContactAt) = ("", null, null);
            if (run.StopRequested) run.Move(RunState.Stopped, run.Attempt == 0 ? RunWords.StoppedBeforeItStarted : StoppedWords(run));
            else if (run.PauseRequested) run.Move(RunState.Paused, RunWords.HeldBack);
            else run.Move(RunState.Queued, reason);
            if (run.State != RunState.Queued) run.EndedAt = before?.EndedAt ?? time.GetUtcNow();
            return true;
        }, cancellationToken);

    /// <summary>Says what keeps an attempt waiting whose machine queues by itself.</summary>
    internal Task<bool> SetWaitingAsync(int runId, int attempt, string reason, string phase, CancellationToken cancellationToken) =>
        ChangeAsync(runId, (_, run) =>
        {
            if (run.Attempt != attempt || run.State != RunState.Preparing) return Task.FromResult(false);
            (run.Phase, run.PhaseFraction) = (phase, null);
            // A later attempt keeps saying why there is one.
            if (attempt == 1) run.Reason = reason;
            return Task.FromResult(true);
        }, cancellationToken);

    /// <summary>
    /// A machine that queues by itself begins with an attempt only now: the time before is no part of the run's duration.
    /// </summary>
    internal Task<bool> SetBegunAsync(int runId, int attempt, CancellationToken cancellationToken) =>
        ChangeAsync(runId, async (db, run) =>
        {
            if (run.Attempt != attempt || !run.State.IsLive()
                || await db.Attempts.FindAsync([runId, attempt], cancellationToken) is not { } row) return false;
            var waited = time.GetUtcNow() - row.StartedAt;
            row.StartedAt += waited;
            run.StartedAt += waited;
            // Of this attempt's first step, if it came before this was seen, the time is right.
            if (row.LastSequence == 0) run.TrainingStartedAt += waited;
            return true;
        }, cancellationToken);

    /// <summary>The time since the last attempt ended counts neither as duration nor for the pace.</summary>
    private static async Task LeavePauseOutAsync(DashboardDb db, RunRow run, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var before = await db.Attempts.FindAsync([run.Id, run.Attempt - 1], cancellationToken);
        if (run.StartedAt is null || before is null)
        {
            run.StartedAt = now;
            return;
        }
        var pause = now - (before.EndedAt ?? now);
        run.StartedAt += pause;
        run.TrainingStartedAt += pause;
    }
}

/// <summary>What a machine takes from the queue.</summary>
internal sealed record RunTaking
{
    public required string Machine { get; init; }

    /// <summary>SHA-256 of the new attempt's secret.</summary>
    public required string TokenHash { get; init; }

    /// <summary>As machines name it: "cpu", "cuda:0".</summary>
    public string Device { get; init; } = LocalMachine.Cpu;

    /// <summary>Only runs that name the machine.</summary>
    public bool BoundOnly { get; init; }

    /// <summary>This run and no other, whatever it is bound to.</summary>
    public int? RunId { get; init; }
}

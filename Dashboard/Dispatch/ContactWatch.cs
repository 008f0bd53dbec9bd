using Dashboard.Dispatch.Words;
using Dashboard.Machines;
using Dashboard.Processes;
using Dashboard.Runs;
using Dashboard.Storage;
using Microsoft.Extensions.Options;

namespace Dashboard.Dispatch;

/// <summary>
/// Says of every live run whether anybody answers for it, and takes up elsewhere what a machine that stays away longer than its lease was
/// training. A run that is bound to its machine waits for it instead. Of several dashboards the one that has the <see cref="Leadership"/>
/// does it.
/// </summary>
internal sealed partial class ContactWatch(
    RunStore runs, MachineStore machines, RunContact contact, Leadership leadership, Guard guard, IOptions<DashboardOptions> options,
    TimeProvider time, ILogger<ContactWatch> logger) : GuardedService("Looking after the contact with live runs", guard)
{
    private static readonly TimeSpan Look = TimeSpan.FromSeconds(1);

    protected override Task WorkAsync(CancellationToken cancellationToken) =>
        Guard.EveryAsync(Part, Look, each => leadership.IsMine ? LookAsync(each) : Task.CompletedTask, cancellationToken);

    internal async Task LookAsync(CancellationToken cancellationToken)
    {
        foreach (var run in await runs.LiveAsync(cancellationToken)) await LookAsync(run, cancellationToken);
    }

    private async Task LookAsync(RunRow run, CancellationToken cancellationToken)
    {
        var since = contact.LostSince(run);
        var now = time.GetUtcNow();
        if (since is not { } lost || now - lost < contact.PatienceWith(run))
        {
            if (since is null && run.LostContactAt is not null && await runs.SetContactAsync(run.Id, run.Attempt, null, cancellationToken))
                LogBack(run.Id, run.Machine);
            return;
        }
        if (run.LostContactAt is null && await runs.SetContactAsync(run.Id, run.Attempt, lost, cancellationToken))
            LogLost(run.Id, run.Machine, lost);
        // A trainer's process is watched on its machine, by its id: as long as that answers, it alone says that a trainer is gone.
        if (contact.MachineAwaySince(run) is not { } away) return;
        var machine = await machines.GetAsync(run.Machine, cancellationToken);
        // The silence of a cluster's controller says nothing of its jobs.
        if (machine?.Kind == MachineKind.Slurm) return;
        var lease = TimeSpan.FromSeconds(machine?.LeaseSeconds ?? 0);
        var latest = lost > away ? lost : away;
        if (now - latest < lease || run.BoundTo == run.Machine && machine is not null && !run.StopRequested) return;
        LogGivenUp(run.Id, run.Attempt, run.Machine, lease);
        var checkpoint = File.Exists(options.Value.RunFolder(run.Id).Checkpoint);
        await runs.DieAsync(run.Id, run.Attempt, machine is null
            ? AttemptWords.MachineRemoved(run.Machine)
            : AttemptWords.MachineSilent(run.Machine, now - latest), checkpoint, cancellationToken);
        contact.Forget(run);
    }

    [LoggerMessage(LogLevel.Warning, "Run {RunId}: contact with {Machine} lost at {Since:O}")]
    private partial void LogLost(int runId, string machine, DateTimeOffset since);

    [LoggerMessage(LogLevel.Information, "Run {RunId}: {Machine} answers again")]
    private partial void LogBack(int runId, string machine);

    [LoggerMessage(LogLevel.Warning, "Run {RunId}, attempt {Attempt}: {Machine} stayed away longer than its lease of {Lease}")]
    private partial void LogGivenUp(int runId, int attempt, string machine, TimeSpan lease);
}

using Dashboard.Machines;
using Dashboard.Machines.Devices;
using Dashboard.Storage;
using Microsoft.Extensions.Options;

namespace Dashboard.Dispatch;

/// <summary>Who answers for a live run: before its trainer comes its machine, after that the trainer itself.</summary>
internal sealed class RunContact(MachineContacts contacts, LocalMachine here, IOptions<DashboardOptions> options)
{
    /// <summary>
    /// A connection that breaks is back within this, or the page says so; the break itself takes up to 9 seconds to be noticed.
    /// </summary>
    internal static readonly TimeSpan Grace = TimeSpan.FromSeconds(3);

    /// <summary>A trainer that went on while this dashboard was away tries again every 5 seconds.</summary>
    private static readonly TimeSpan GraceAtStart = TimeSpan.FromSeconds(10);

    /// <summary>Since when nobody answers for the run; null while somebody does.</summary>
    public DateTimeOffset? LostSince(RunRow run)
    {
        if (contacts.HasTrainerCome(run.Id, run.Attempt)) return contacts.TrainerAwaySince(run.Id, run.Attempt);
        // The trainer went on while this dashboard was away and has not attached yet.
        if (run.State == RunState.Training) return contacts.TrainerAwaySince(run.Id, run.Attempt);
        return MachineAwaySince(run);
    }

    /// <summary>So long a silence means nothing.</summary>
    public TimeSpan PatienceWith(RunRow run) => contacts.HasTrainerCome(run.Id, run.Attempt) ? Grace : GraceAtStart;

    /// <summary>Since when the run's machine is away; null while it is there, which this dashboard's own always is.</summary>
    public DateTimeOffset? MachineAwaySince(RunRow run) => IsHere(run) ? null : contacts.MachineAwaySince(run.Machine);

    /// <summary>The run's attempt is over.</summary>
    public void Forget(RunRow run) => contacts.Forget(run.Id, run.Attempt);

    private bool IsHere(RunRow run) => options.Value.TrainHere && run.Machine == here.Name;
}

using Dashboard.Storage;

namespace Dashboard.Api.Views;

/// <summary>One launch of a run as the API gives it.</summary>
/// <param name="FirstStep">The run's last step when it was launched; a few steps may be repeated from the checkpoint.</param>
/// <param name="Died">Its process was gone before it reported an end.</param>
/// <param name="Reason">How it ended, in words; empty while it runs.</param>
public sealed record AttemptView(
    int Number, string Machine, DateTimeOffset StartedAt, DateTimeOffset? EndedAt, int FirstStep, bool Died, string Reason,
    JobView? Job = null)
{
    public static AttemptView Of(AttemptRow row, ClusterJobRow? job = null)
    {
        ArgumentNullException.ThrowIfNull(row);
        return new AttemptView(row.Number, row.Machine, row.StartedAt, row.EndedAt, row.FirstStep, row.Died, row.Reason, JobView.Of(job));
    }
}

/// <summary>The job of a Slurm cluster that trains an attempt.</summary>
/// <param name="Id">Slurm's number; empty while it hasn't answered.</param>
/// <param name="State">Slurm's own word, such as PENDING; empty when it is over.</param>
/// <param name="Reason">Slurm's own word for why it waits, such as Resources.</param>
/// <param name="StartsAt">When it began, or when Slurm expects it to.</param>
/// <param name="Node">Where it runs or ran; of one that waits where Slurm means to put it; empty: unknown.</param>
/// <param name="Restarts">How often Slurm had put it back into its queue before.</param>
public sealed record JobView(string Id, string State, string Reason, DateTimeOffset? StartsAt, string Node, int Restarts)
{
    internal static JobView? Of(ClusterJobRow? row) =>
        row is null ? null : new JobView(row.JobId, row.State, row.Reason, row.StartsAt, row.Node, row.Restarts);
}

using Dashboard.Runs;
using Dashboard.Storage;
using Training.Core.Metrics;
using Training.Core.Recipes;

namespace Dashboard.Api;

/// <summary>A run as the API and the progress hub give it.</summary>
/// <param name="Reason">Why it is in this state, in words.</param>
/// <param name="Phase">What it does before or between epochs; empty while steps run.</param>
/// <param name="PhaseFraction">How far the phase is, 0–1; null when unknown.</param>
/// <param name="StopRequested">Somebody asked it to stop.</param>
/// <param name="PauseRequested">Somebody asked it to pause.</param>
/// <param name="LostContactAt">Since when nobody answers for a live run; null while somebody does.</param>
/// <param name="BoundTo">A machine's name, "gpu" or "cpu"; empty: any.</param>
/// <param name="Priority">While it waits: before all of lower priority.</param>
/// <param name="Attempt">Number of the current launch; 0 before the first.</param>
/// <param name="Epoch">Last finished epoch, from 1; 0 before.</param>
/// <param name="Step">Last finished step over the whole run, from 1; 0 before.</param>
/// <param name="Progress">Part of all planned steps, 0–1.</param>
/// <param name="SecondsElapsed">Since its launch until now or its end; null before.</param>
/// <param name="SecondsLeft">At the pace so far; null while it can't be known.</param>
/// <param name="BestValAccuracy">0–1, of the best epoch.</param>
/// <param name="BestValAccuracyInterval">Its 95 % interval by Wilson; null while there is no accuracy.</param>
/// <param name="Job">Slurm's job of a live run that a cluster trains.</param>
public sealed record RunView(
    int Id, string Name, int DatasetId, string DatasetName, IReadOnlyList<string> Classes, RunState State, string Reason,
    string Phase, double? PhaseFraction, bool StopRequested, bool PauseRequested, int Attempt, string Machine, string BoundTo,
    RunPriority Priority, string Device, string Precision,
    DateTimeOffset CreatedAt, DateTimeOffset? StartedAt, DateTimeOffset? TrainingStartedAt, DateTimeOffset? EndedAt,
    DateTimeOffset? LastEventAt, DateTimeOffset? LostContactAt,
    int Epochs, int StepsPerEpoch, int TrainSamples, int ValSamples, int Epoch, int Step, double Progress,
    double? SecondsElapsed, double? SecondsLeft, double ImagesPerSecond, int? BestEpoch, double? BestValAccuracy,
    WilsonInterval? BestValAccuracyInterval, Recipe Recipe, JobView? Job = null)
{
    public static RunView Of(RunRow run, DateTimeOffset now, ClusterJobRow? job = null)
    {
        ArgumentNullException.ThrowIfNull(run);
        var progress = RunProgress.Of(run, now);
        return new RunView(
            run.Id, run.Name, run.DatasetId, run.DatasetName, run.Classes, run.State, run.Reason,
            run.Phase, run.PhaseFraction, run.StopRequested, run.PauseRequested, run.Attempt, run.Machine, run.BoundTo, run.Priority,
            run.Device, run.Precision,
            run.CreatedAt, run.StartedAt, run.TrainingStartedAt, run.EndedAt, run.LastEventAt, run.LostContactAt,
            run.Epochs, run.StepsPerEpoch, run.TrainSamples, run.ValSamples, run.Epoch, run.Step, progress.Fraction,
            progress.Elapsed?.TotalSeconds, progress.TimeLeft?.TotalSeconds, run.ImagesPerSecond, run.BestEpoch, run.BestValAccuracy,
            WilsonInterval.Of(run.BestValAccuracy, run.ValSamples), run.Recipe, JobView.Of(job));
    }
}

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

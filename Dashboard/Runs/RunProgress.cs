using Dashboard.Storage;
using Training.Core.Runs;

namespace Dashboard.Runs;

/// <summary>How far a run is and how long it takes: plain arithmetic on its row, for pages and API alike.</summary>
/// <param name="Fraction">Of all planned steps, 0–1; 1 for a completed run, also when it stopped early for want of a better epoch.</param>
/// <param name="Epoch">The epoch it is in, also while it is paused, from 1; of an ended run the last finished one; 0 before training.</param>
/// <param name="EpochFraction">Of that epoch's steps, 0–1.</param>
/// <param name="Elapsed">Since its launch until now or its end; null before.</param>
/// <param name="TimeLeft">At the average pace since the first step, evaluations included; null while it can't be known, nobody answers for
/// the run, or it waits for room on a disk.</param>
public sealed record RunProgress(double Fraction, int Epoch, double EpochFraction, TimeSpan? Elapsed, TimeSpan? TimeLeft)
{
    /// <summary>Fewer steps say nothing: the first ones warm up.</summary>
    private const int MinSteps = 3;

    /// <summary>Ten years: nobody waits for more, and a time span has an end.</summary>
    private const double MostSeconds = 10 * 365.0 * 24 * 3600;

    public static RunProgress Of(RunRow run, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(run);
        var steps = (long)run.Epochs * run.StepsPerEpoch;
        var fraction = run.State == RunState.Completed ? 1 : steps > 0 ? Math.Clamp((double)run.Step / steps, 0, 1) : 0;
        var training = run.State == RunState.Training && steps > 0;
        // One that is paused, or waits to go on, stands where it was.
        var under = training || steps > 0 && !run.State.IsEnded() && run.Step > 0;
        return new RunProgress(
            fraction,
            under ? Math.Min(run.Epoch + 1, run.Epochs) : run.Epoch,
            under ? Within(run) : run.Epoch > 0 ? 1 : 0,
            run.StartedAt is { } started && run.State != RunState.Queued ? NotNegative((run.EndedAt ?? now) - started) : null,
            training ? Left(run, steps, now) : null);
    }

    private static double Within(RunRow run) =>
        run.Epoch >= run.Epochs ? 1 : Math.Clamp((double)(run.Step - (long)run.Epoch * run.StepsPerEpoch) / run.StepsPerEpoch, 0, 1);

    private static TimeSpan? Left(RunRow run, long steps, DateTimeOffset now)
    {
        if (run.TrainingStartedAt is not { } started || run.Step < MinSteps || now <= started || run.LostContactAt is not null
            || FullDisk.IsWaiting(run.Phase)) return null;
        var seconds = (now - started).TotalSeconds * (steps - Math.Min(run.Step, steps)) / run.Step;
        return seconds < MostSeconds ? TimeSpan.FromSeconds(seconds) : null;
    }

    private static TimeSpan NotNegative(TimeSpan time) => time < TimeSpan.Zero ? TimeSpan.Zero : time;
}

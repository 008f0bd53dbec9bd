using Training.Core.Recipes;

namespace Training.Core.Engine.Optimizers;

/// <summary>The learning rate over a run, as a factor of the recipe's rate. Pure.</summary>
public static class LearningRateSchedule
{
    private const double OneCycleStart = 1 / 25.0;
    private const double OneCycleEnd = 1 / 10_000.0;

    /// <param name="kind">Constant; cosine to zero; step: a tenth after each third of the run; one-cycle: up from 1/25 over the
    /// warm-up (at least a quarter of the run) and down to 1/10,000, both by cosine (Smith 2018, as in PyTorch's OneCycleLR).</param>
    /// <param name="step">From 1 to <paramref name="steps"/>.</param>
    /// <param name="warmupFraction">Part of all steps over which the factor rises linearly to 1.</param>
    /// <returns>0–1; never 0 in the first step.</returns>
    public static double Factor(ScheduleKind kind, int step, int steps, double warmupFraction)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(step, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(step, steps);
        if (kind == ScheduleKind.OneCycle) return OneCycle(step, steps, Math.Max(0.25, warmupFraction));
        var warmup = (int)Math.Round(warmupFraction * steps);
        if (step <= warmup) return (double)step / (warmup + 1);
        var progress = (double)(step - 1 - warmup) / Math.Max(1, steps - warmup);
        return kind switch
        {
            ScheduleKind.Cosine => Cosine(1, 0, progress),
            ScheduleKind.Step => Math.Pow(0.1, Math.Floor(progress * 3)),
            _ => 1,
        };
    }

    /// <summary>
    /// The factor of <see cref="ScheduleKind.Plateau"/>: a third for every two epochs in which the validation loss set no new low by 0.01 %
    /// (PyTorch's ReduceLROnPlateau with factor 1/3, patience 1 and its default threshold).
    /// </summary>
    /// <param name="valLosses">Of all epochs so far.</param>
    public static double Plateau(IEnumerable<double> valLosses)
    {
        var (factor, lowest, waited) = (1.0, double.PositiveInfinity, 0);
        foreach (var loss in valLosses)
        {
            if (loss < lowest * (1 - 1e-4)) (lowest, waited) = (loss, 0);
            else if (++waited > 1) (factor, waited) = (factor / 3, 0);
        }
        return factor;
    }

    private static double OneCycle(int step, int steps, double rise)
    {
        var peak = Math.Max(1, rise * steps - 1);
        var position = step - 1;
        return position <= peak
            ? Cosine(OneCycleStart, 1, position / peak)
            : Cosine(1, OneCycleEnd, (position - peak) / Math.Max(1, steps - 1 - peak));
    }

    private static double Cosine(double from, double to, double progress) =>
        to + (from - to) * (1 + Math.Cos(Math.PI * Math.Clamp(progress, 0, 1))) / 2;
}

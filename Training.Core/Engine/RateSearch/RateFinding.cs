namespace Training.Core.Engine.RateSearch;

/// <summary>One step of a sweep.</summary>
/// <param name="Rate">Learning rate of the head at this step.</param>
/// <param name="Loss">Mean training loss of the step's batch before the step.</param>
/// <param name="Smoothed">The same without most of the noise between batches.</param>
public sealed record RatePoint(int Step, double Rate, double Loss, double Smoothed)
{
    /// <summary>Why there is no loss, in words; null: there is one.</summary>
    public string? Problem => double.IsFinite(Loss) ? null : $"The loss is {(double.IsNaN(Loss) ? "NaN" : "infinite")} at this rate.";
}

/// <summary>Where a suggested rate comes from.</summary>
public enum RateReason
{
    /// <summary>Where the loss falls fastest.</summary>
    SteepestDescent,

    /// <summary>The loss never falls clearly: a tenth of the rate where it begins to rise.</summary>
    BeforeTheRise,

    /// <summary>The loss neither falls nor rises: no rate follows from it.</summary>
    Flat,

    /// <summary>The loss is no number almost from the first step on, whatever the rate.</summary>
    NotFinite,

    /// <summary>The loss rises from the first rates on: what lies below them was not tried, so nothing is known of it.</summary>
    BelowTheRange,
}

/// <summary>What a search found.</summary>
/// <param name="Rate">Suggested learning rate, two digits; null: none follows from the curve.</param>
public sealed record RateFinding(double? Rate, RateReason Reason)
{
    /// <summary>Less of a fall, as a part of the loss at the start, is noise.</summary>
    private const double ClearFall = 0.05;

    /// <summary>By this part the loss has to stand above its start before it counts as rising.</summary>
    private const double ClearRise = 0.1;

    /// <summary>Points to each side between which a slope is taken.</summary>
    private const int Reach = 2;

    /// <summary>The lowest point is where descent and divergence are in balance: a rate to train with lies well below.</summary>
    private const double BelowLowest = 3;

    private const double BelowRise = 10;

    /// <summary>
    /// The rate of a sweep's steepest descent (Smith 2017, "Cyclical Learning Rates for Training Neural Networks", section 3.3; the slope
    /// is over the logarithm of the rate), at most a third of where the loss is lowest.
    /// </summary>
    /// <param name="points">In the order of their rates.</param>
    public static RateFinding Of(IReadOnlyList<RatePoint> points)
    {
        var finite = points.TakeWhile(point => double.IsFinite(point.Smoothed)).ToList();
        if (finite.Count < 2 * Reach + 2)
            return new RateFinding(null, points.Count > finite.Count ? RateReason.NotFinite : RateReason.Flat);
        var start = finite[Reach].Smoothed;
        var lowest = Enumerable.Range(0, finite.Count).MinBy(index => finite[index].Smoothed);
        if (finite[lowest].Smoothed > start * (1 - ClearFall)) return BeforeTheRise(finite, start, points.Count > finite.Count);

        var steepest = Enumerable.Range(Reach, Math.Max(1, lowest - 2 * Reach + 1)).MinBy(index => Slope(finite, index));
        return Tried(finite, Math.Min(finite[steepest].Rate, finite[lowest].Rate / BelowLowest), RateReason.SteepestDescent);
    }

    private static RateFinding BeforeTheRise(List<RatePoint> points, double start, bool endsInInfinity)
    {
        // From the end: the curve may cross the line several times while it is only noise.
        var last = points.FindLastIndex(point => point.Smoothed <= start * (1 + ClearRise));
        if (last < 0 || (last == points.Count - 1 && !endsInInfinity)) return new RateFinding(null, RateReason.Flat);
        return Tried(points, points[last].Rate / BelowRise, RateReason.BeforeTheRise);
    }

    /// <summary>A rate that no step was made with is no suggestion.</summary>
    private static RateFinding Tried(List<RatePoint> points, double rate, RateReason reason) =>
        rate < points[0].Rate ? new RateFinding(null, RateReason.BelowTheRange) : new RateFinding(TwoDigits(rate), reason);

    private static double Slope(List<RatePoint> points, int index)
    {
        var (before, after) = (points[Math.Max(0, index - Reach)], points[Math.Min(points.Count - 1, index + Reach)]);
        return (after.Smoothed - before.Smoothed) / Math.Log(after.Rate / before.Rate);
    }

    private static double TwoDigits(double rate)
    {
        var unit = Math.Pow(10, Math.Floor(Math.Log10(rate)) - 1);
        return double.Parse((Math.Round(rate / unit) * unit).ToString("0.0E0", System.Globalization.CultureInfo.InvariantCulture),
            System.Globalization.CultureInfo.InvariantCulture);
    }
}

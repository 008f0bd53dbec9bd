using Training.Core.Recipes;

namespace Training.Core.Engine.RateSearch;

/// <summary>The rates of a search, each a constant factor above the one before, and the smoothed losses.</summary>
/// <param name="From">First rate.</param>
/// <param name="To">Last rate.</param>
/// <param name="Steps">How many.</param>
public sealed record RateSweep(double From, double To, int Steps)
{
    public const int MostSteps = 100;
    public const int FewestSteps = 24;

    /// <summary>A smoothed loss of so many times the lowest shows that nothing comes any more.</summary>
    private const double Diverged = 4;

    private readonly List<RatePoint> _points = [];
    private double _sum;

    public IReadOnlyList<RatePoint> Points => _points;

    /// <summary>Whether the end, or divergence, is reached.</summary>
    public bool IsOver => _points.Count >= Steps || (_points.Count > 0 && HasDiverged(_points[^1].Smoothed));

    /// <summary>Part of the former mean in the smoothed loss: over about a tenth of the sweep.</summary>
    private double Decay => 1 - 1 / Math.Clamp(Steps / 10.0, 2, 10);

    /// <summary>SGD takes rates that are ten times those of the Adam family.</summary>
    public static RateSweep For(Recipe recipe, int steps) =>
        recipe.Optimizer == OptimizerKind.Sgd ? new(1e-5, 10, steps) : new(1e-6, 1, steps);

    /// <param name="step">From 1.</param>
    public double RateOf(int step) => From * Math.Pow(To / From, (step - 1.0) / Math.Max(1, Steps - 1));

    /// <summary>Takes the next step's loss.</summary>
    public RatePoint Add(double loss)
    {
        var step = _points.Count + 1;
        // Without the pull of the empty start.
        _sum = _sum * Decay + loss * (1 - Decay);
        var point = new RatePoint(step, RateOf(step), loss, _sum / (1 - Math.Pow(Decay, step)));
        _points.Add(point);
        return point;
    }

    private bool HasDiverged(double smoothed) =>
        !double.IsFinite(smoothed)
        || smoothed > Diverged * _points.Min(point => double.IsFinite(point.Smoothed) ? point.Smoothed : double.MaxValue);
}

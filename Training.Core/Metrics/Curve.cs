namespace Training.Core.Metrics;

/// <summary>
/// Every point of one series, growing; readers get at most so many buckets, each with min, max and last, so that a spike or a NaN
/// never vanishes and the picture is the same after every reload. Bucket widths are powers of two steps and buckets start at multiples of
/// their width: while the width stays, old buckets don't change and a chart needs only the new ones. Thread-safe for one writer and many
/// readers.
/// </summary>
public sealed class Curve
{
    // A chart has one smoothing slider: two weights cover a page that moves it while another page keeps its own.
    private const int SmoothedKept = 2;

    private readonly Lock _lock = new();
    private readonly CurveLevels _points = new();
    private readonly List<SmoothedCurve> _smoothed = [];

    public int Count
    {
        get
        {
            lock (_lock) return _points.Count;
        }
    }

    /// <summary>Adds a point; x must be greater than the last one, otherwise the point is ignored (a replay).</summary>
    /// <returns>Whether it was new.</returns>
    public bool Add(double x, double y)
    {
        lock (_lock)
        {
            if (!double.IsFinite(x) || x <= _points.LastX) return false;
            _points.Add(x, y);
            return true;
        }
    }

    /// <param name="from">First x wanted; null: the start.</param>
    /// <param name="to">Last x wanted; null: the end.</param>
    /// <param name="maxBuckets">At least 1. When the range holds no more points than this, every one of them is given.</param>
    /// <param name="smoothing">Weight of the exponential moving average with TensorBoard's debiasing, 0 (none) to 0.999; NaN points are
    /// passed through.</param>
    public CurveView View(double? from, double? to, int maxBuckets, double smoothing = 0)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(maxBuckets, 1);
        if (!(smoothing is >= 0 and <= 0.999))
            throw new ArgumentOutOfRangeException(nameof(smoothing), smoothing, "Smoothing goes from 0 to 0.999.");
        lock (_lock)
        {
            var source = smoothing > 0 ? Smoothed(smoothing) : _points;
            var (width, points) = source.Read(from ?? double.NegativeInfinity, to ?? double.PositiveInfinity, maxBuckets);
            return new CurveView(width, points, _points.Count);
        }
    }

    private CurveLevels Smoothed(double weight)
    {
        var curve = _smoothed.Find(each => each.Weight == weight);
        if (curve is not null) _smoothed.Remove(curve);
        else if (_smoothed.Count == SmoothedKept) _smoothed.RemoveAt(0);
        curve ??= new SmoothedCurve(weight);
        _smoothed.Add(curve);
        return curve.Follow(_points);
    }
}

/// <summary>The moving average of a growing series: only new points cost.</summary>
internal sealed class SmoothedCurve(double weight)
{
    private readonly CurveLevels _points = new();
    private double _average, _remaining = 1;

    public double Weight => weight;

    public CurveLevels Follow(CurveLevels source)
    {
        for (var i = _points.Count; i < source.Count; i++)
        {
            var (x, y) = source[i];
            _points.Add(x, double.IsFinite(y) ? Next(y) : y);
        }
        return _points;
    }

    // TensorBoard's vz-line-chart: the average starts at 0 and is divided by the weight that real points have had so far.
    private double Next(double y)
    {
        _average = _average * weight + (1 - weight) * y;
        _remaining *= weight;
        return _average / (1 - _remaining);
    }
}

/// <param name="BucketWidth">Steps per bucket (power of two).</param>
/// <param name="Points">In x order; a bucket with one point gives that point, others their min, max (in order of occurrence) and last. A
/// bucket with a NaN gives the NaN in place of its last point. At most 3 per bucket.</param>
/// <param name="Total">Points of the whole series.</param>
public sealed record CurveView(double BucketWidth, IReadOnlyList<CurvePoint> Points, int Total);

public readonly record struct CurvePoint(double X, double Y);

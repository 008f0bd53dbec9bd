namespace Training.Core.Metrics;

/// <summary>
/// Every point of one series, growing; readers get at most so many buckets, each with min, max and last, so that a spike or a NaN
/// never vanishes and the picture is the same after every reload. Bucket widths are powers of two steps: while the width stays, old buckets
/// don't change and a chart needs only the new ones. Thread-safe for one writer and many readers.
/// </summary>
public sealed class Curve
{
    /// <summary>Adds a point; x must be greater than the last one, otherwise the point is ignored (a replay).</summary>
    /// <returns>Whether it was new.</returns>
    public bool Add(double x, double y) => throw new NotImplementedException();

    public int Count => throw new NotImplementedException();

    /// <param name="from">First x wanted; null: the start.</param>
    /// <param name="to">Last x wanted; null: the end.</param>
    /// <param name="smoothing">Weight of the exponential moving average with TensorBoard's debiasing, 0 (none) to 0.999; NaN points are passed through.</param>
    public CurveView View(double? from, double? to, int maxBuckets, double smoothing = 0) => throw new NotImplementedException();
}

/// <param name="BucketWidth">Steps per bucket (power of two).</param>
/// <param name="Points">In x order; a bucket with one point gives that point, others their min, max (in order of occurrence) and last. At most 3 per bucket.</param>
/// <param name="Total">Points of the whole series.</param>
public sealed record CurveView(double BucketWidth, IReadOnlyList<CurvePoint> Points, int Total);

public readonly record struct CurvePoint(double X, double Y);

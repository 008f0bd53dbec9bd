namespace Training.Core.Metrics;

/// <summary>What is kept of a stretch of consecutive points: the extremes where they occurred, the last point, and the first NaN.</summary>
internal struct CurveBucket
{
    private CurvePoint _min, _max, _last;
    private double _nanX;
    private bool _hasNumber, _hasNan;

    /// <summary>Number of the bucket at its level: x / width, rounded down.</summary>
    public long Index;

    /// <summary>The raw points that it covers: first, and one past the last.</summary>
    public int Start, End;

    public void Include(double x, double y)
    {
        if (double.IsNaN(y))
        {
            if (!_hasNan) (_nanX, _hasNan) = (x, true);
            return;
        }
        var point = new CurvePoint(x, y);
        if (!_hasNumber)
        {
            (_min, _max, _last, _hasNumber) = (point, point, point, true);
            return;
        }
        if (y < _min.Y) _min = point;
        if (y > _max.Y) _max = point;
        _last = point;
    }

    /// <summary>Takes over a bucket of later points.</summary>
    public void Include(in CurveBucket later)
    {
        if (later._hasNan && !_hasNan) (_nanX, _hasNan) = (later._nanX, true);
        if (!later._hasNumber) return;
        if (!_hasNumber)
        {
            (_min, _max, _last, _hasNumber) = (later._min, later._max, later._last, true);
            return;
        }
        if (later._min.Y < _min.Y) _min = later._min;
        if (later._max.Y > _max.Y) _max = later._max;
        _last = later._last;
    }

    /// <summary>
    /// At most three points in x order. A NaN takes the place of the last point: the extremes and the gap must stay visible.
    /// </summary>
    public readonly void AddTo(List<CurvePoint> points)
    {
        if (!_hasNumber)
        {
            if (_hasNan) points.Add(new CurvePoint(_nanX, double.NaN));
            return;
        }
        var third = _hasNan ? new CurvePoint(_nanX, double.NaN) : _last;
        var (first, second) = _min.X <= _max.X ? (_min, _max) : (_max, _min);
        if (third.X < first.X) points.Add(third);
        points.Add(first);
        if (third.X > first.X && third.X < second.X) points.Add(third);
        if (second.X > first.X) points.Add(second);
        if (third.X > second.X) points.Add(third);
    }
}

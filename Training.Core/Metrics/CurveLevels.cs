using System.Runtime.InteropServices;

namespace Training.Core.Metrics;

/// <summary>
/// Points of one series with ready-made buckets of 16, 256, 4,096 … steps, so that a view of a million points costs about as much as
/// one of some thousand. Not thread-safe: <see cref="Curve"/> locks.
/// </summary>
internal sealed class CurveLevels
{
    // Every level is 16 times as coarse as the one below: a view merges at most 8 of its buckets into one, for 1/15 bucket a point in
    // memory.
    private const int BitsPerLevel = 4, LevelCount = 6;

    private readonly List<double> _xs = [], _ys = [];
    private readonly List<CurveBucket>[] _levels = [.. Enumerable.Range(0, LevelCount).Select(_ => new List<CurveBucket>())];

    public int Count => _xs.Count;

    public double LastX => _xs.Count > 0 ? _xs[^1] : double.NegativeInfinity;

    public CurvePoint this[int index] => new(_xs[index], _ys[index]);

    public void Add(double x, double y)
    {
        var position = _xs.Count;
        _xs.Add(x);
        _ys.Add(y);
        var buckets = _levels[0];
        var index = IndexOf(x, Width(BitsPerLevel));
        if (buckets.Count == 0 || buckets[^1].Index != index)
        {
            if (buckets.Count > 0) PassOn(1, buckets[^1]);
            buckets.Add(new CurveBucket { Index = index, Start = position });
        }
        ref var bucket = ref CollectionsMarshal.AsSpan(buckets)[^1];
        bucket.Include(x, y);
        bucket.End = position + 1;
    }

    // Coarser levels get whole buckets of the level below and so lag behind: a point costs one bucket, and readers take the tail from
    // below.
    private void PassOn(int level, in CurveBucket whole)
    {
        if (level == LevelCount) return;
        var buckets = _levels[level];
        var index = whole.Index >> BitsPerLevel;
        if (buckets.Count == 0 || buckets[^1].Index != index)
        {
            if (buckets.Count > 0) PassOn(level + 1, buckets[^1]);
            buckets.Add(new CurveBucket { Index = index, Start = whole.Start });
        }
        ref var bucket = ref CollectionsMarshal.AsSpan(buckets)[^1];
        bucket.Include(whole);
        bucket.End = whole.End;
    }

    public (double Width, List<CurvePoint> Points) Read(double from, double to, int maxBuckets)
    {
        var xs = CollectionsMarshal.AsSpan(_xs);
        int start = Bound(xs, from, inclusive: true), end = Bound(xs, to, inclusive: false);
        if (end - start <= maxBuckets) return (1, Raw(start, end));
        var bits = 0;
        while (IndexOf(xs[end - 1], Width(bits)) - IndexOf(xs[start], Width(bits)) >= maxBuckets) bits++;
        var output = new Output(Width(bits), maxBuckets);
        AddLevel(ref output, Math.Min(bits / BitsPerLevel, LevelCount) - 1, start, end);
        return (Width(bits), output.Finish());
    }

    private List<CurvePoint> Raw(int start, int end)
    {
        var points = new List<CurvePoint>(Math.Max(0, end - start));
        for (var i = start; i < end; i++) points.Add(this[i]);
        return points;
    }

    private void AddRaw(ref Output output, int start, int end)
    {
        ReadOnlySpan<double> xs = CollectionsMarshal.AsSpan(_xs), ys = CollectionsMarshal.AsSpan(_ys);
        for (var i = start; i < end; i++) output.At(xs[i]).Include(xs[i], ys[i]);
    }

    private void AddLevel(ref Output output, int level, int start, int end)
    {
        if (level < 0)
        {
            AddRaw(ref output, start, end);
            return;
        }
        ReadOnlySpan<CurveBucket> buckets = CollectionsMarshal.AsSpan(_levels[level]);
        for (var i = BucketOf(buckets, start); i < buckets.Length && buckets[i].Start < end; i++)
        {
            ref readonly var bucket = ref buckets[i];
            // A bucket that the range cuts through is read point by point: nothing outside the range is shown.
            if (bucket.Start >= start && bucket.End <= end) output.At(_xs[bucket.Start]).Include(bucket);
            else AddRaw(ref output, start, Math.Min(end, bucket.End));
            start = Math.Min(end, bucket.End);
        }
        if (start < end) AddLevel(ref output, level - 1, start, end);
    }

    private static int BucketOf(ReadOnlySpan<CurveBucket> buckets, int position)
    {
        int low = 0, high = buckets.Length;
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (buckets[middle].End <= position) low = middle + 1;
            else high = middle;
        }
        return low;
    }

    /// <summary>The first position whose x is at least (inclusive) or above (not inclusive) the value.</summary>
    private static int Bound(ReadOnlySpan<double> xs, double value, bool inclusive)
    {
        int low = 0, high = xs.Length;
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (xs[middle] < value || (!inclusive && xs[middle] == value)) low = middle + 1;
            else high = middle;
        }
        return low;
    }

    private static double Width(int bits) => Math.ScaleB(1, bits);

    private static long IndexOf(double x, double width) => (long)Math.Floor(x / width);

    /// <summary>Merges what comes in x order into buckets of one width.</summary>
    private struct Output(double width, int buckets)
    {
        private readonly List<CurvePoint> _points = new(3 * Math.Min(buckets, 4096));
        private CurveBucket _open;
        private bool _any;

        [System.Diagnostics.CodeAnalysis.UnscopedRef]
        public ref CurveBucket At(double x)
        {
            var index = IndexOf(x, width);
            if (!_any || index != _open.Index)
            {
                if (_any) _open.AddTo(_points);
                (_open, _any) = (new CurveBucket { Index = index }, true);
            }
            return ref _open;
        }

        public readonly List<CurvePoint> Finish()
        {
            if (_any) _open.AddTo(_points);
            return _points;
        }
    }
}

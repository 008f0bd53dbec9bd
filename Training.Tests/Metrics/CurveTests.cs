using Training.Core.Metrics;
using Training.Tests.TestKit;

namespace Training.Tests.Metrics;

public sealed class CurveTests
{
    [Fact]
    public void Add_WhatWasThereAlready_IsIgnored()
    {
        var curve = new Curve();

        Assert.True(curve.Add(1, 10));
        Assert.True(curve.Add(2, 20));
        Assert.False(curve.Add(2, 99));
        Assert.False(curve.Add(1, 99));
        Assert.False(curve.Add(double.NaN, 99));

        Assert.Equal(2, curve.Count);
        Assert.Equal([new CurvePoint(1, 10), new CurvePoint(2, 20)], curve.View(null, null, 100).Points);
    }

    [Fact]
    public void View_OfNothing_IsEmpty()
    {
        var view = new Curve().View(null, null, 100);

        Assert.Empty(view.Points);
        Assert.Equal(0, view.Total);
    }

    [Fact]
    public void View_OfFewPointsFarApart_GivesEveryPoint()
    {
        var curve = Of(Enumerable.Range(1, 30).Select(epoch => (1000.0 * epoch, (double)epoch)));

        Assert.Equal(30, curve.View(null, null, 30).Points.Count);
    }

    [Fact]
    public void View_OfALongSeries_KeepsMinMaxAndLastOfEveryBucket()
    {
        var values = Noise(20_000);
        var view = Of(values).View(null, null, 100);

        Assert.Equal(256, view.BucketWidth);
        foreach (var bucket in values.GroupBy(point => Math.Floor(point.X / view.BucketWidth)))
        {
            var shown = view.Points.Where(point => Math.Floor(point.X / view.BucketWidth) == bucket.Key).ToList();
            Assert.InRange(shown.Count, 1, 3);
            Assert.Equal(bucket.Min(point => point.Y), shown.Min(point => point.Y));
            Assert.Equal(bucket.Max(point => point.Y), shown.Max(point => point.Y));
            Assert.Equal(bucket.Last(), (shown[^1].X, shown[^1].Y));
        }
        Assert.Equal(view.Points.OrderBy(point => point.X), view.Points);
    }

    [Theory]
    [InlineData(100)]
    [InlineData(900)]
    [InlineData(5_000)]
    [InlineData(70_000)]
    [InlineData(300_000)]
    public void View_OfAnyLength_NeverLosesASpike(int length)
    {
        var curve = Of(Enumerable.Range(1, length).Select(step => ((double)step, step == length / 3 ? 50.0 : 1.0)));

        var points = curve.View(null, null, 50).Points;

        Assert.Contains(new CurvePoint(length / 3, 50), points);
        Assert.InRange(points.Count, 1, 150);
    }

    [Theory]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    [InlineData(double.NegativeInfinity)]
    public void View_WithASingleBrokenPointAmongThousands_ShowsIt(double broken)
    {
        var curve = Of(Enumerable.Range(1, 50_000).Select(step => ((double)step, step == 212 ? broken : Math.Sin(step))));

        Assert.Contains(new CurvePoint(212, broken), curve.View(null, null, 100).Points);
        Assert.Contains(new CurvePoint(212, broken), curve.View(null, null, 100, smoothing: 0.9).Points);
    }

    [Fact]
    public void View_OfABucketWithNaN_StillShowsItsExtremes()
    {
        var curve = Of([(0, 5), (1, double.NaN), (2, 9), (3, 1), (4, 4), (5, 4), (6, 4), (7, 4)]);

        var points = curve.View(null, null, 2).Points;

        Assert.Equal([new CurvePoint(1, double.NaN), new CurvePoint(2, 9), new CurvePoint(3, 1), new CurvePoint(4, 4),
            new CurvePoint(7, 4)], points);
    }

    [Fact]
    public void View_AllNaNFromAStepOn_ShowsTheGapInEveryBucket()
    {
        var curve = Of(Enumerable.Range(0, 4096).Select(step => ((double)step, step < 1000 ? 1.0 : double.NaN)));

        var points = curve.View(null, null, 16).Points;

        Assert.All(points.Where(point => point.X > 1000), point => Assert.True(double.IsNaN(point.Y)));
        Assert.True(points.Count(point => double.IsNaN(point.Y)) >= 12);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(0.6)]
    public void View_AsPointsArrive_OnlyChangesItsLastBucketWhileTheWidthStays(double smoothing)
    {
        var curve = new Curve();
        var values = Noise(3_000);
        CurveView? before = null;
        foreach (var (x, y) in values)
        {
            curve.Add(x, y);
            var now = curve.View(null, null, 64, smoothing);
            if (before is not null && before.BucketWidth == now.BucketWidth)
            {
                var open = Math.Floor(before.Points[^1].X / before.BucketWidth) * before.BucketWidth;
                var settled = before.Points.Where(point => point.X < open).ToList();
                Assert.Equal(settled, now.Points.Take(settled.Count));
            }
            before = now;
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(0.9)]
    public void View_WatchedAllAlongOrAskedOnce_IsTheSame(double smoothing)
    {
        var values = Noise(10_000);
        var watched = new Curve();
        foreach (var (x, y) in values)
        {
            watched.Add(x, y);
            if (x % 97 == 0) watched.View(null, null, 40, smoothing);
        }

        Assert.Equal(Of(values).View(null, null, 40, smoothing).Points, watched.View(null, null, 40, smoothing).Points);
    }

    [Fact]
    public void View_OfAPart_HasNothingOutsideAndAllExtremesInside()
    {
        var values = Noise(100_000);
        var view = Of(values).View(33_333, 77_777, 100);

        var inside = values.Where(point => point.X is >= 33_333 and <= 77_777).ToList();
        Assert.All(view.Points, point => Assert.InRange(point.X, 33_333, 77_777));
        Assert.Equal(inside.Min(point => point.Y), view.Points.Min(point => point.Y));
        Assert.Equal(inside.Max(point => point.Y), view.Points.Max(point => point.Y));
        Assert.Equal(77_777, view.Points[^1].X);
        Assert.Equal(100_000, view.Total);
    }

    [Fact]
    public void View_ZoomedInFar_GivesEveryPoint() =>
        Assert.Equal(51, Of(Noise(10_000)).View(500, 550, 500).Points.Count);

    [Fact]
    public void View_OutsideTheSeries_IsEmpty() => Assert.Empty(Of(Noise(100)).View(5_000, 6_000, 10).Points);

    [Fact]
    public void Smoothing_OfAnyWeight_IsTensorBoardsDebiasedAverage()
    {
        foreach (var parts in Reference.Cases("Metrics", "smoothing.txt"))
        {
            var values = Reference.Numbers(parts[1]);
            var curve = Of(values.Select((value, i) => ((double)i, value)));

            var smoothed = curve.View(null, null, values.Length, Reference.Numbers(parts[0])[0]).Points;

            foreach (var (point, expected) in smoothed.Zip(Reference.Numbers(parts[2]))) Assert.Equal(expected, point.Y, 1e-9);
        }
    }

    [Fact]
    public void Smoothing_AcrossANaN_GoesOnAsIfItWereNotThere()
    {
        var whole = Of([(1, 3), (2, 5)]).View(null, null, 10, 0.5).Points;
        var broken = Of([(1, 3), (1.5, double.NaN), (2, 5)]).View(null, null, 10, 0.5).Points;

        Assert.True(double.IsNaN(broken[1].Y));
        Assert.Equal(whole, [broken[0], broken[2]]);
    }

    [Theory]
    [InlineData(-0.1)]
    [InlineData(1)]
    [InlineData(double.NaN)]
    public void Smoothing_OutOfRange_IsRefused(double smoothing) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new Curve().View(null, null, 10, smoothing));

    [Fact]
    public async Task View_WhileAnotherThreadAdds_IsAlwaysAWholePicture()
    {
        var curve = new Curve();
        using var done = new CancellationTokenSource();
        var readers = Enumerable.Range(0, 3).Select(i => Task.Run(() =>
        {
            while (!done.IsCancellationRequested)
            {
                var view = curve.View(null, null, 50, i * 0.3);
                Assert.InRange(view.Points.Count, Math.Min(1, view.Total), 150);
                Assert.All(view.Points, point => Assert.Equal(1, point.Y, 1e-6));
            }
        })).ToArray();

        for (var step = 1; step <= 50_000; step++) curve.Add(step, 1);
        await done.CancelAsync();

        await Task.WhenAll(readers);
        Assert.Equal(50_000, curve.Count);
    }

    private static Curve Of(IEnumerable<(double X, double Y)> points)
    {
        var curve = new Curve();
        foreach (var (x, y) in points) curve.Add(x, y);
        return curve;
    }

    private static List<(double X, double Y)> Noise(int length)
    {
        var random = new Random(3);
        return [.. Enumerable.Range(1, length).Select(step => ((double)step, random.NextDouble()))];
    }
}

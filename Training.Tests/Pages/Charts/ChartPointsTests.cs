using Dashboard.Pages.Charts;
using Training.Core.Metrics;

namespace Training.Tests.Pages.Charts;

public sealed class ChartPointsTests
{
    [Fact]
    public void Between_EqualPoints_IsNothing() =>
        Assert.Null(ChartPoints.Between("loss", [new(1, 2), new(2, double.NaN)], [new(1, 2), new(2, double.NaN)]));

    [Fact]
    public void Between_OneMorePoint_SendsOnlyThat()
    {
        var change = ChartPoints.Between("loss", [new(1, 2), new(2, 3)], [new(1, 2), new(2, 3), new(3, 4)])!;

        Assert.Equal(2, change.Keep);
        Assert.Equal([3, 4], change.Tail);
    }

    [Fact]
    public void Between_AChangedLastBucket_ReplacesItAndWhatFollows()
    {
        var change = ChartPoints.Between("loss", [new(1, 2), new(2, 3)], [new(1, 2), new(2, 9), new(3, 4)])!;

        Assert.Equal(1, change.Keep);
        Assert.Equal([2, 9, 3, 4], change.Tail);
    }

    [Fact]
    public void Between_FewerPoints_CutsTheRest()
    {
        var change = ChartPoints.Between("loss", [new(1, 2), new(2, 3)], [new(1, 2)])!;

        Assert.Equal((1, 0), (change.Keep, change.Tail.Length));
    }

    [Theory]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    public void Between_AValueThatIsNoNumber_LeavesAGap(double value) =>
        Assert.Equal([1, null], ChartPoints.Between("loss", [], [new(1, value)])!.Tail);

    [Fact]
    public void Between_AGrowingCurve_SendsFewPointsOfMany()
    {
        var curve = new Curve();
        for (var step = 1; step <= 5000; step++) curve.Add(step, Math.Sin(step));
        var before = curve.View(null, null, 300).Points;
        curve.Add(5001, 0.5);

        var change = ChartPoints.Between("loss", before, curve.View(null, null, 300).Points)!;

        Assert.InRange(change.Tail.Length / 2, 1, 3);
        Assert.True(change.Keep > 400, $"{change.Keep} points stay.");
    }
}

using Dashboard.Dispatch.RateSearch;
using Training.Core.Engine.RateSearch;
using Training.Core.Runs;

namespace Training.Tests.Engine.RateSearch;

public sealed class RateFindingTests
{
    [Fact]
    public void Of_AValley_IsWhereTheLossFallsFastest()
    {
        // A logistic fall around 1e-3 and a rise beyond 1e-1.
        var found = Sweep(rate => 0.2 + 1.8 / (1 + Math.Exp(4 * (Math.Log10(rate) + 3))) + Math.Pow(rate * 5, 3));

        Assert.Equal(RateReason.SteepestDescent, found.Reason);
        Assert.InRange(found.Rate!.Value, 6e-4, 2e-3);
    }

    [Fact]
    public void Of_AFallRightUpToTheCliff_KeepsWellBelowTheLowest()
    {
        var found = Sweep(rate => rate < 0.1 ? 2 - 0.2 * Math.Exp(8 * Math.Log10(rate * 10 + 1)) : 50);

        Assert.Equal(RateReason.SteepestDescent, found.Reason);
        Assert.InRange(found.Rate!.Value, 1e-3, 0.1 / 3 * 1.1);
    }

    [Fact]
    public void Of_ALossThatOnlyRises_IsATenthOfWhereItBegins()
    {
        var found = Sweep(rate => 0.3 + (rate > 0.01 ? rate * 20 : 0));

        Assert.Equal(RateReason.BeforeTheRise, found.Reason);
        Assert.InRange(found.Rate!.Value, 5e-4, 2e-3);
    }

    [Theory]
    [InlineData(3e-6)]
    [InlineData(9e-6)]
    public void Of_ALossThatRisesFromTheFirstRatesOn_SuggestsNothingThatWasNotTried(double rise)
    {
        var found = Sweep(rate => rate < rise ? 0.3 : 0.3 + rate / rise);

        Assert.Equal(new RateFinding(null, RateReason.BelowTheRange), found);
    }

    [Fact]
    public void Of_AFlatCurve_SuggestsNothing() => Assert.Equal(new RateFinding(null, RateReason.Flat), Sweep(_ => 0.7));

    [Fact]
    public void Of_TooFewPoints_SuggestsNothing() =>
        Assert.Null(RateFinding.Of([new RatePoint(1, 1e-6, 1, 1), new RatePoint(2, 1e-5, 0.1, 0.1)]).Rate);

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    public void Of_ALossThatIsNoNumberFromTheStart_SaysThatAndNotThatItIsFlat(int numbers)
    {
        var sweep = new RateSweep(1e-6, 1, 100);
        for (var step = 0; step < numbers; step++) sweep.Add(0.7);
        sweep.Add(double.NaN);

        Assert.Equal(new RateFinding(null, RateReason.NotFinite), RateFinding.Of(sweep.Points));
    }

    [Fact]
    public void Line_OfAPointThatIsNoNumber_IsNullWithTheReasonAndReadAsNaN()
    {
        var line = System.Text.Json.JsonSerializer.Serialize(new RatePoint(3, 0.1, double.NaN, double.NaN), CoreJson.Figures);

        Assert.Equal("""{"step":3,"rate":0.1,"loss":null,"smoothed":null,"problem":"The loss is NaN at this rate."}""", line);
        Assert.True(double.IsNaN(RateLine.Parse(line)!.Point!.Loss));
    }

    [Fact]
    public void Of_ACurveThatEndsInNaN_CountsWhatWasBefore()
    {
        var found = Sweep(rate => rate > 0.01 ? double.NaN : 0.3);

        Assert.Equal(RateReason.BeforeTheRise, found.Reason);
        Assert.InRange(found.Rate!.Value, 5e-4, 1.1e-3);
    }

    [Fact]
    public void Of_AnyCurve_HasTwoDigits()
    {
        // The last good one is 0.0123456.
        var points = Enumerable.Range(0, 20).Select(at => new RatePoint(at + 1, 0.0123456 * Math.Pow(2, at - 15), 1, at > 15 ? 5 : 1));

        Assert.Equal(0.0012, RateFinding.Of([.. points]).Rate);
    }

    [Theory]
    [InlineData(100)]
    [InlineData(24)]
    public void Sweep_OfAConstantLoss_GoesThroughAllRatesEvenly(int steps)
    {
        var sweep = new RateSweep(1e-6, 1, steps);
        while (!sweep.IsOver) Assert.Equal(0.7, sweep.Add(0.7).Smoothed, 9);

        Assert.Equal(steps, sweep.Points.Count);
        Assert.Equal(1e-6, sweep.Points[0].Rate, 12);
        Assert.Equal(1, sweep.Points[^1].Rate, 9);
        var factors = sweep.Points.Zip(sweep.Points.Skip(1), (a, b) => b.Rate / a.Rate).ToList();
        Assert.All(factors, factor => Assert.Equal(factors[0], factor, 6));
    }

    [Theory]
    [InlineData(double.NaN)]
    [InlineData(1000)]
    public void Sweep_ThatDiverges_IsOver(double loss)
    {
        var sweep = new RateSweep(1e-6, 1, 100);
        for (var step = 0; step < 10; step++) sweep.Add(0.7);
        Assert.False(sweep.IsOver);

        sweep.Add(loss);

        Assert.True(sweep.IsOver);
    }

    private static RateFinding Sweep(Func<double, double> loss)
    {
        var sweep = new RateSweep(1e-6, 1, 100);
        while (!sweep.IsOver) sweep.Add(loss(sweep.RateOf(sweep.Points.Count + 1)));
        return RateFinding.Of(sweep.Points);
    }
}

using Training.Core.Metrics;
using Training.Tests.TestKit;

namespace Training.Tests.Metrics;

public sealed class WilsonIntervalTests
{
    public static TheoryData<string> Counts => [.. Reference.Cases("Metrics", "wilson.txt").Select(parts => parts[0])];

    [Theory]
    [MemberData(nameof(Counts))]
    public void Of_ACount_IsWhatSciPySays(string counts)
    {
        var parts = Reference.Cases("Metrics", "wilson.txt").Single(each => each[0] == counts);
        var (right, total) = ((int)Reference.Numbers(counts)[0], (int)Reference.Numbers(counts)[1]);

        var interval = WilsonInterval.Of(right, total)!.Value;

        Assert.Equal(Reference.Numbers(parts[1])[0], interval.Low, 1e-12);
        Assert.Equal(Reference.Numbers(parts[2])[0], interval.High, 1e-12);
    }

    /// <summary>
    /// Method 3 of table I in R. G. Newcombe, "Two-sided confidence intervals for the single proportion", Stat. Med. 17 (1998).
    /// </summary>
    [Theory]
    [InlineData(81, 263, 0.2553, 0.3662)]
    [InlineData(15, 148, 0.0624, 0.1605)]
    [InlineData(0, 20, 0.0000, 0.1611)]
    [InlineData(1, 29, 0.0061, 0.1718)]
    public void Of_ThePublishedExamples_IsWhatWasPrinted(int right, int total, double low, double high)
    {
        var interval = WilsonInterval.Of(right, total)!.Value;

        Assert.Equal((low, high), (Math.Round(interval.Low, 4), Math.Round(interval.High, 4)));
    }

    [Fact]
    public void Of_NothingCounted_IsUnknown()
    {
        Assert.Null(WilsonInterval.Of(0, 0));
        Assert.Null(WilsonInterval.Of(0.5, 0));
        Assert.Null(WilsonInterval.Of(null, 20));
        Assert.Null(WilsonInterval.Of(double.NaN, 20));
    }

    [Fact]
    public void Of_AStoredShare_IsThatOfItsCount() => Assert.Equal(WilsonInterval.Of(2, 3), WilsonInterval.Of(2 / 3.0, 3));

    [Theory]
    [InlineData(6, 6, true)]
    [InlineData(450, 500, true)]
    [InlineData(9_000, 10_000, false)]
    public void IsWide_OfACount_IsMoreThanAPointUpAndDown(int right, int total, bool wide) =>
        Assert.Equal(wide, WilsonInterval.Of(right, total)!.Value.IsWide);
}

using Dashboard.Pages.Wording;
using Training.Tests.TestKit;

namespace Training.Tests.Pages.Wording;

public sealed class FiguresTests
{
    [Theory]
    [InlineData(0, "0 s")]
    [InlineData(41, "41 s")]
    [InlineData(120, "2 min")]
    [InlineData(252, "4 min 12 s")]
    [InlineData(7500, "2 h 5 min")]
    [InlineData(273600, "3 d 4 h")]
    public void Duration_OfSeconds_NamesTheTwoLargestUnits(double seconds, string text) =>
        Assert.Equal(text, Figures.Duration(TimeSpan.FromSeconds(seconds), EnglishWords.Localizer));

    [Theory]
    [InlineData(0, "0 B")]
    [InlineData(999, "999 B")]
    [InlineData(1_500, "1.5 KB")]
    [InlineData(46_800_000, "46.8 MB")]
    [InlineData(999_999_999, "1.0 GB")]
    [InlineData(120_000_000_000, "120 GB")]
    public void Bytes_OfASize_HasItsUnit(long bytes, string text) => Assert.Equal(text, Figures.Bytes(bytes));

    [Theory]
    [InlineData(null, "–")]
    [InlineData(0.9128, "91.3 %")]
    [InlineData(1.0, "100.0 %")]
    [InlineData(double.NaN, "–")]
    public void Percent_OfAPart_HasOneDecimal(double? part, string text) => Assert.Equal(text, Figures.Percent(part));

    [Theory]
    [InlineData(double.NaN, "NaN")]
    [InlineData(double.PositiveInfinity, "∞")]
    [InlineData(0.21349, "0.2135")]
    [InlineData(0.00001, "1e-5")]
    public void Number_OfALoss_IsHonest(double value, string text) => Assert.Equal(text, Figures.Number(value));
}

using System.Globalization;
using Training.Core.Metrics;

namespace Training.Tests.Metrics;

public sealed class PercentTests
{
    [Theory]
    [InlineData(1, 1, "100.0 %")]
    [InlineData(0.9996, 1, "99.9 %")]
    [InlineData(0.99999999, 2, "99.99 %")]
    [InlineData(0.996, 0, "99 %")]
    [InlineData(0.9994, 1, "99.9 %")]
    [InlineData(0.5, 0, "50 %")]
    [InlineData(0.8333333333, 2, "83.33 %")]
    [InlineData(0, 1, "0.0 %")]
    public void Of_APart_IsAHundredOnlyWhereAllAre(double part, int decimals, string text) =>
        Assert.Equal(text, Percent.Of(part, decimals));

    [Fact]
    public void Of_AMeanThatMissesOneByRounding_IsAHundred() => Assert.Equal("100.0 %", Percent.Of(1 - 1e-15));

    [Fact]
    public void Of_AnInterval_HasOneSign() => Assert.Equal("61.0–100.0 %", Percent.Of(WilsonInterval.Of(6, 6)!.Value));

    [Fact]
    public void Local_InAnotherLanguage_IsWrittenAsThere()
    {
        var former = CultureInfo.CurrentCulture;
        CultureInfo.CurrentCulture = CultureInfo.GetCultureInfo("de-DE");
        try
        {
            Assert.Equal(("91,3 %", "91.3 %", "61,0–100,0 %"),
                (Percent.Local(0.913), Percent.Of(0.913), Percent.Local(WilsonInterval.Of(6, 6)!.Value)));
        }
        finally
        {
            CultureInfo.CurrentCulture = former;
        }
    }
}

using Dashboard.Pages.Charts;

namespace Training.Tests.Pages.Charts;

public sealed class ChartRangeTests
{
    [Theory]
    [InlineData(77, 101, 10, 70, 110)] // 2.4 epochs of ten steps: ticks at whole epochs
    [InlineData(100, 291, 1, 100, 300)] // 191 steps: ticks at fifties
    [InlineData(740, 743, 1, 740, 743)]
    [InlineData(0.4, 0.6, 1, 0, 1)]
    [InlineData(70, 110, 10, 70, 110)]
    public void Range_ToTicks_EndsOnRoundWholeUnits(double from, double to, double unit, double first, double last)
    {
        var range = new ChartRange(from, to).ToTicks(unit);

        Assert.Equal(new ChartRange(first, last), range);
    }

    [Fact]
    public void Range_WidenedTwice_StaysOnTheTicksOfOneAxis()
    {
        for (var length = 1; length < 5000; length += 7)
        {
            var range = new ChartRange(length / 3.0, length / 3.0 + length).ToTicks(1);

            Assert.True(range.From <= length / 3.0 && range.To >= length / 3.0 + length - 1e-6, $"{length}: {range}");
            Assert.Equal(Math.Round(range.From), range.From);
            Assert.Equal(Math.Round(range.To), range.To);
            Assert.InRange(range.To - range.From, length, length * 1.6 + 2);
        }
    }
}

using System.Text.Json;
using Training.Core.Engine.Losses;
using Training.Core.Runs;

namespace Training.Tests.Engine.Losses;

public sealed class LossWatchTests
{
    [Fact]
    public void Mean_OfAConstantLoss_IsThatLossFromTheFirstStepOn()
    {
        var watch = new LossWatch();
        for (var step = 0; step < 50; step++)
        {
            Assert.False(watch.Explodes(0.7, classes: 2));
            Assert.Equal(0.7, watch.Mean, 9);
        }
    }

    [Fact]
    public void Explodes_WhenTheLossGrowsAndStays_SaysSoWithinFortySteps()
    {
        var watch = new LossWatch();
        var steps = Enumerable.Range(1, 100).TakeWhile(step => !watch.Explodes(0.7 * Math.Pow(1.1, step), classes: 2)).Count();

        Assert.InRange(steps, 29, 40);
    }

    [Fact]
    public void Explodes_AtOnceAndForGood_WaitsForThirtySteps()
    {
        var watch = new LossWatch();
        watch.Explodes(0.7, classes: 2);

        Assert.Equal(28, Enumerable.Range(1, 100).TakeWhile(_ => !watch.Explodes(1e9, classes: 2)).Count());
    }

    [Theory]
    [InlineData(10, 1e6)]
    [InlineData(40, 1e30)]
    public void Explodes_AfterASingleLossOutOfLine_GoesOn(int at, double loss)
    {
        var watch = new LossWatch();

        Assert.DoesNotContain(true, Enumerable.Range(0, 100).Select(step => watch.Explodes(step == at ? loss : 0.7, classes: 2)));
    }

    [Fact]
    public void Explodes_WithTheHighStartOfAHighRate_GoesOn()
    {
        var watch = new LossWatch();
        double[] start = [0.7, 6, 9, 7, 5, 4, 3, 3, 2, 2];

        Assert.DoesNotContain(true,
            Enumerable.Range(0, 100).Select(step => watch.Explodes(step < start.Length ? start[step] : 0.8, classes: 2)));
    }

    [Fact]
    public void Explodes_OfASavedWatch_SpeaksAtTheSameStep()
    {
        var whole = new LossWatch();
        var resumed = new LossWatch();
        for (var step = 0; step < 60; step++)
        {
            var loss = 0.5 + step * 0.2;
            resumed = JsonSerializer.Deserialize<LossWatch>(JsonSerializer.Serialize(resumed, CoreJson.Options), CoreJson.Options)!;
            Assert.Equal(whole.Explodes(loss, classes: 3), resumed.Explodes(loss, classes: 3));
        }
    }
}

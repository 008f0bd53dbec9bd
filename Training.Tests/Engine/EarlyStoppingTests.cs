using Training.Core.Engine;

namespace Training.Tests.Engine;

public sealed class EarlyStoppingTests
{
    [Fact]
    public void Record_SameAccuracyLowerLoss_IsBetter()
    {
        var stopping = new EarlyStopping(0);
        Assert.True(stopping.Record(1, 0.9, 0.5));
        Assert.True(stopping.Record(2, 0.9, 0.4));
        Assert.False(stopping.Record(3, 0.9, 0.45));
        Assert.Equal((2, 0.9), (stopping.BestEpoch, stopping.BestAccuracy));
    }

    [Fact]
    public void ShouldStop_AsManyEpochsWithoutProgressAsThePatience_IsTrue()
    {
        var stopping = new EarlyStopping(2);
        stopping.Record(1, 0.9, 0.5);
        stopping.Record(2, 0.8, 0.6);
        Assert.False(stopping.ShouldStop);
        stopping.Record(3, 0.8, 0.7);
        Assert.True(stopping.ShouldStop);
        Assert.Equal(1, stopping.BestEpoch);
    }

    [Fact]
    public void ShouldStop_LossStillFalls_Waits()
    {
        var stopping = new EarlyStopping(1);
        stopping.Record(1, 0.9, 0.5);
        stopping.Record(2, 0.8, 0.4);
        Assert.False(stopping.ShouldStop);
    }

    [Theory]
    [InlineData(double.NaN, 0.5)]
    [InlineData(0.9, double.NaN)]
    [InlineData(0.9, double.PositiveInfinity)]
    public void Record_WhatIsNoNumber_IsNeverTheBest(double accuracy, double loss)
    {
        var stopping = new EarlyStopping(0);

        Assert.False(stopping.Record(1, accuracy, loss));
        Assert.True(stopping.Record(2, 0.1, 9));
        Assert.False(stopping.Record(3, accuracy, loss));
        Assert.Equal((2, 0.1), (stopping.BestEpoch, stopping.BestAccuracy));
    }

    [Fact]
    public void ShouldStop_PatienceZero_NeverStops()
    {
        var stopping = new EarlyStopping(0);
        for (var epoch = 1; epoch < 100; epoch++) stopping.Record(epoch, 0, double.NaN);
        Assert.False(stopping.ShouldStop);
    }
}

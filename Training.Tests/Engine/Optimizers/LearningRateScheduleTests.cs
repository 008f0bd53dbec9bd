using Training.Core.Engine.Optimizers;
using Training.Core.Recipes;
using Training.Tests.TestKit;

namespace Training.Tests.Engine.Optimizers;

public sealed class LearningRateScheduleTests
{
    private static double[] Factors(ScheduleKind kind, int steps, double warmup) =>
        [.. Enumerable.Range(1, steps).Select(step => LearningRateSchedule.Factor(kind, step, steps, warmup))];

    [Fact]
    public void Factor_OfEachSchedule_IsPyTorchs()
    {
        var cases = Reference.Cases("Engine/Optimizers", "schedules.txt").Where(line => line[0] == "schedule").ToList();
        Assert.True(cases.Count > 10);
        foreach (var line in cases)
        {
            var factors = Factors(Enum.Parse<ScheduleKind>(line[1], ignoreCase: true), (int)Reference.Numbers(line[2])[0],
                Reference.Numbers(line[3])[0]);
            Assert.Equal(Reference.Numbers(line[4]), factors, (a, b) => Math.Abs(a - b) < 1e-9);
        }
    }

    [Fact]
    public void Factor_Warmup_RisesLinearlyAndNeverStartsAtZero()
    {
        var factors = Factors(ScheduleKind.Cosine, 20, 0.2);
        Assert.Equal([0.2, 0.4, 0.6, 0.8, 1], factors[..5], (a, b) => Math.Abs(a - b) < 1e-12);
        Assert.Equal(factors[4..].OrderDescending(), factors[4..]);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(6)]
    public void Factor_StepOutsideTheRun_Throws(int step) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => LearningRateSchedule.Factor(ScheduleKind.Cosine, step, 5, 0));
}

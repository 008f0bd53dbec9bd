using Training.Core.Optimizers;
using Training.Core.Runs;


namespace Training.Tests.Optimizers;

public sealed class LearningRateScheduleTests
{
    private static double[] Factors(ScheduleKind kind, int steps, double warmup) =>
        [.. Enumerable.Range(1, steps).Select(step => LearningRateSchedule.Factor(kind, step, steps, warmup))];

    [Fact]
    public void Factor_Constant_IsAlwaysOne() => Assert.All(Factors(ScheduleKind.Constant, 7, 0), factor => Assert.Equal(1, factor));

    [Fact]
    public void Factor_Cosine_IsPyTorchsCosineAnnealing()
    {
        // torch.optim.lr_scheduler.CosineAnnealingLR(T_max=4), factor before each of four steps.
        double[] expected = [1, 0.8535533905932737, 0.5, 0.14644660940672627];
        Assert.Equal(expected, Factors(ScheduleKind.Cosine, 4, 0), (a, b) => Math.Abs(a - b) < 1e-12);
    }

    [Fact]
    public void Factor_Warmup_RisesLinearlyAndNeverStartsAtZero()
    {
        var factors = Factors(ScheduleKind.Cosine, 20, 0.2);
        Assert.Equal([0.2, 0.4, 0.6, 0.8, 1], factors[..5], (a, b) => Math.Abs(a - b) < 1e-12);
        Assert.Equal(factors[4..].OrderDescending(), factors[4..]);
    }

    [Fact]
    public void Factor_Step_IsATenthAfterEachThird() =>
        Assert.Equal([1, 1, 0.1, 0.1, 0.01, 0.01], Factors(ScheduleKind.Step, 6, 0), (a, b) => Math.Abs(a - b) < 1e-12);

    [Fact]
    public void Factor_OneCycle_IsPyTorchsOneCycleLR()
    {
        // torch.optim.lr_scheduler.OneCycleLR(max_lr=1, total_steps=10, pct_start=0.3, div_factor=25, final_div_factor=400).
        double[] expected =
        [
            0.04, 0.52, 1, 0.9504893855078144, 0.8117637264392739, 0.6112993409314593,
            0.38880065906854067, 0.1883362735607262, 0.04961061449218561, 0.0001,
        ];
        var factors = Factors(ScheduleKind.OneCycle, 10, 0.3);
        Assert.Equal(expected, factors, (a, b) => Math.Abs(a - b) < 1e-9);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(6)]
    public void Factor_StepOutsideTheRun_Throws(int step) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => LearningRateSchedule.Factor(ScheduleKind.Cosine, step, 5, 0));
}

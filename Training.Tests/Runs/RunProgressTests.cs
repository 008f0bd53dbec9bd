using Dashboard.Runs;
using Dashboard.Storage;

namespace Training.Tests.Runs;

public sealed class RunProgressTests
{
    private static readonly DateTimeOffset Start = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Fraction_InTheMiddle_IsOfAllPlannedSteps()
    {
        var progress = RunProgress.Of(Run(epoch: 5, step: 354), Start.AddSeconds(65));

        Assert.Equal(0.59, progress.Fraction, 6);
        Assert.Equal(6, progress.Epoch);
        Assert.Equal(0.9, progress.EpochFraction, 6);
    }

    [Fact]
    public void TimeLeft_AfterAQuarterOfTheSteps_IsThreeTimesWhatThatTook()
    {
        var progress = RunProgress.Of(Run(epoch: 2, step: 150), Start.AddSeconds(10 + 40));

        Assert.Equal(TimeSpan.FromSeconds(120), progress.TimeLeft);
        Assert.Equal(TimeSpan.FromSeconds(50), progress.Elapsed);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    public void TimeLeft_AfterTheFirstSteps_IsNotGuessed(int step) =>
        Assert.Null(RunProgress.Of(Run(epoch: 0, step), Start.AddSeconds(20)).TimeLeft);

    [Fact]
    public void TimeLeft_WhileNobodyAnswers_IsNotGuessed()
    {
        var run = Run(epoch: 2, step: 150);
        run.LostContactAt = Start.AddSeconds(45);

        Assert.Null(RunProgress.Of(run, Start.AddSeconds(50)).TimeLeft);
    }

    [Fact]
    public void Progress_WhileTheLastEpochIsEvaluated_IsFullWithNothingLeft()
    {
        var progress = RunProgress.Of(Run(epoch: 9, step: 600), Start.AddSeconds(100));

        Assert.Equal((1.0, 10, 1.0, TimeSpan.Zero), (progress.Fraction, progress.Epoch, progress.EpochFraction, progress.TimeLeft));
    }

    [Fact]
    public void Progress_OfARunThatStoppedEarly_IsDoneAndNamesItsLastEpoch()
    {
        var run = Run(epoch: 4, step: 240);
        run.State = RunState.Completed;
        run.EndedAt = Start.AddSeconds(90);

        var progress = RunProgress.Of(run, Start.AddHours(5));

        Assert.Equal((1.0, 4, TimeSpan.FromSeconds(90)), (progress.Fraction, progress.Epoch, progress.Elapsed));
        Assert.Null(progress.TimeLeft);
    }

    [Fact]
    public void Progress_OfAQueuedRun_HasNotBegun()
    {
        var run = Run(epoch: 0, step: 0);
        (run.State, run.StartedAt, run.TrainingStartedAt, run.StepsPerEpoch) = (RunState.Queued, null, null, 0);

        Assert.Equal(new RunProgress(0, 0, 0, null, null), RunProgress.Of(run, Start));
    }

    [Fact]
    public void Elapsed_WhenTheClockWentBack_IsNeverNegative() =>
        Assert.Equal(TimeSpan.Zero, RunProgress.Of(Run(epoch: 0, step: 5), Start.AddMinutes(-3)).Elapsed);

    private static RunRow Run(int epoch, int step) => new()
    {
        Name = "a run", DatasetName = "photos", RecipeJson = "{}", State = RunState.Training, Epochs = 10, StepsPerEpoch = 60,
        Epoch = epoch, Step = step, StartedAt = Start, TrainingStartedAt = Start.AddSeconds(10),
    };
}

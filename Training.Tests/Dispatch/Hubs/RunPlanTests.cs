using Dashboard.Dispatch.Hubs;
using Training.Core.Runs;
using Training.Tests.Protocol;

namespace Training.Tests.Dispatch.Hubs;

public sealed class RunPlanTests
{
    private static readonly RunPlan Plan = new(Epochs: 4, StepsPerEpoch: 10);

    public static TheoryData<RunEvent, string> Impossible { get; } = new()
    {
        { new TrainingStarted(5, 10, 320, 80, "cpu", "fp32"), "entries[0] begins 5 epochs of 10 steps; the recipe has 4 epochs." },
        { new TrainingStarted(4, 300_000_000, 320, 80, "cpu", "fp32"),
            "entries[0] begins 4 epochs of 300000000 steps; the recipe has 4 epochs." },
        { new StepCompleted(5, 40, 0.5, 1e-3, 100), "entries[0] is of epoch 5; the recipe has 4." },
        { new StepCompleted(4, 41, 0.5, 1e-3, 100), "entries[0] is step 41; the run has 40." },
        { new EpochCompleted(5, 40, 1, 1, 0.5, 1, 1, 1, true), "entries[0] is epoch 5; the recipe has 4." },
        { new EpochCompleted(4, 41, 1, 1, 0.5, 1, 1, 1, true), "entries[0] ends at step 41; the run has 40." },
        { new Ended(RunOutcome.Completed, "done", 5, 0.5, 1), "entries[0] names epoch 5 the best; the recipe has 4." },
        { new PhaseStarted("Reading", 7), "entries[0].event.fraction is 7; it goes from 0 to 1." },
    };

    [Theory]
    [MemberData(nameof(Impossible))]
    public void Check_OfWhatTheRunCantReach_NamesIt(RunEvent what, string problem) =>
        Assert.Equal(problem, Assert.Throws<ImpossibleReportException>(() => Plan.Check(HonestMessages.Entries(1, [what]))).Message);

    [Fact]
    public void Check_OfTheLastStepAndEpoch_Passes()
    {
        RunEvent[] last = [new StepCompleted(4, 40, double.NaN, 1e-3, 100), new EpochCompleted(4, 40, 1, 1, 0.5, 1, 1, 1, true),
            new Ended(RunOutcome.Completed, "done", 4, 0.5, 1)];

        Assert.Equal(Plan, Plan.Check(HonestMessages.Entries(1, last)));
    }

    [Fact]
    public void Check_OfAStart_MakesThePlanOfWhatFollows()
    {
        var unknown = Plan with { StepsPerEpoch = 0 };

        var known = unknown.Check(
            HonestMessages.Entries(1, [new TrainingStarted(4, 10, 320, 80, "cpu", "fp32"), new StepCompleted(4, 40, 0.5, 1e-3, 100)]));

        Assert.Equal(Plan, known);
        Assert.Throws<ImpossibleReportException>(() => unknown.Check(
            HonestMessages.Entries(1, [new TrainingStarted(4, 10, 320, 80, "cpu", "fp32"), new StepCompleted(4, 41, 0.5, 1e-3, 100)])));
    }
}

using Training.Core.Engine;
using Training.Core.Runs;

namespace Training.Tests.Dispatch.Trainers;

/// <summary>Reports what a training would, without training: steps of an epoch of ten, at a given rate.</summary>
internal static class FakeTraining
{
    public const int StepsPerEpoch = 10;

    /// <param name="pause">Between two steps.</param>
    public static Func<TrainingRequest, CancellationToken, Ended> Of(int steps, TimeSpan pause = default) => (request, cancellationToken) =>
    {
        request.Events.Report(new PhaseStarted("Reading images", null));
        request.Events.Report(new TrainingStarted(steps / StepsPerEpoch, StepsPerEpoch, 80, 20, "cpu", "fp32"));
        for (var step = 1; step <= steps; step++)
        {
            if (cancellationToken.WaitHandle.WaitOne(pause)) return End(request, RunOutcome.Stopped, "Stopped by you");
            Step(request, step);
        }
        return End(request, RunOutcome.Completed, "All epochs are done");
    };

    /// <summary>Steps until it is stopped, for as many epochs as a recipe can have.</summary>
    public static Func<TrainingRequest, CancellationToken, Ended> Endless { get; } = Of(1000 * StepsPerEpoch,
        TimeSpan.FromMilliseconds(10));

    public static void Step(TrainingRequest request, int step)
    {
        var epoch = (step - 1) / StepsPerEpoch + 1;
        request.Events.Report(new StepCompleted(epoch, step, step == 3 ? double.NaN : 1.0 / step, 0.001, 100));
        if (step % StepsPerEpoch == 0)
            request.Events.Report(new EpochCompleted(epoch, step, 0.5, 0.4, 0.8, 100, 200, 1, epoch == 1));
    }

    public static Ended End(TrainingRequest request, RunOutcome outcome, string reason)
    {
        var ended = new Ended(outcome, reason, 1, 0.8, 1);
        request.Events.Report(ended);
        return ended;
    }
}

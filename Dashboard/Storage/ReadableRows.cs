using Dashboard.Protocol;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace Dashboard.Storage;

/// <summary>
/// Rows as pages can show them. Earlier versions stored whatever a trainer said, so a database may hold an epoch 2³¹−1, a part of 1e308 or
/// a reason of megabytes: such values are read as the nearest that can be, and stay as they are where they lie.
/// </summary>
internal sealed class ReadableRows : IMaterializationInterceptor
{
    public static ReadableRows Instance { get; } = new();

    /// <summary>Of a text that lists show, and of a line of a log.</summary>
    private const int MostWords = 2_000, MostLine = 16_000;

    public object InitializedInstance(MaterializationInterceptionData materializationData, object entity)
    {
        switch (entity)
        {
            case RunRow run: Fit(run); break;
            case EpochRow epoch: Fit(epoch); break;
            case StepRow step:
                (step.LearningRate, step.ImagesPerSecond) = (Finite(step.LearningRate), Finite(step.ImagesPerSecond));
                break;
            case AttemptRow attempt: attempt.Reason = Words(attempt.Reason); break;
            case LogRow line: line.Text = ForeignText.Shorten(line.Text, MostLine); break;
            case MachineRow machine: machine.Version = ForeignText.Shorten(machine.Version, MessageRules.MostSentence); break;
        }
        return entity;
    }

    private static void Fit(RunRow run)
    {
        (run.Reason, run.Phase) = (Words(run.Reason), Words(run.Phase));
        (run.Device, run.Precision) = (Words(run.Device), Words(run.Precision));
        run.PhaseFraction = run.PhaseFraction is { } part ? Part(part) : null;
        run.Epochs = Math.Clamp(run.Epochs, 0, MessageRules.MostEpochs);
        run.StepsPerEpoch = Math.Clamp(run.StepsPerEpoch, 0, MessageRules.MostSteps / Math.Max(1, run.Epochs));
        (run.TrainSamples, run.ValSamples) = (Steps(run.TrainSamples), Steps(run.ValSamples));
        (run.Epoch, run.Step) = (Epochs(run.Epoch), Steps(run.Step));
        run.ImagesPerSecond = Finite(run.ImagesPerSecond);
        run.BestEpoch = run.BestEpoch is { } best ? Epochs(best) : null;
        run.BestValAccuracy = run.BestValAccuracy is { } accuracy ? Part(accuracy) : null;
    }

    private static void Fit(EpochRow epoch)
    {
        epoch.Step = Steps(epoch.Step);
        epoch.ValAccuracy = Part(epoch.ValAccuracy);
        (epoch.TrainImagesPerSecond, epoch.ValImagesPerSecond) = (Finite(epoch.TrainImagesPerSecond), Finite(epoch.ValImagesPerSecond));
        epoch.Seconds = Finite(epoch.Seconds);
    }

    private static string Words(string text) => ForeignText.Shorten(text, MostWords);

    private static int Epochs(int value) => Math.Clamp(value, 0, MessageRules.MostEpochs);

    private static int Steps(int value) => Math.Clamp(value, 0, MessageRules.MostSteps);

    private static double Part(double value) => double.IsNaN(value) ? 0 : Math.Clamp(value, 0, 1);

    private static double Finite(double value) => double.IsNaN(value) ? 0 : Math.Clamp(value, 0, MessageRules.MostPerSecond);
}

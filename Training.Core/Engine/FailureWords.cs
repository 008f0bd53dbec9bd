using System.Globalization;
using System.Runtime.InteropServices;
using Training.Core.Backbones;
using Training.Core.Images;
using Training.Core.Metrics;
using Training.Core.Runs;

namespace Training.Core.Engine;

/// <summary>The loss became NaN or infinite, or exploded; the message says what to do.</summary>
public sealed class DivergedException : Exception
{
    private DivergedException(string what, double learningRate) : base(string.Create(CultureInfo.InvariantCulture,
        $"The training loss {what}. The learning rate of {learningRate} is probably too high: clone the run "
            + $"with {learningRate / 10}."))
    {
    }

    internal static DivergedException Infinite(double loss, int step, double learningRate) =>
        new(string.Create(CultureInfo.InvariantCulture, $"became {(double.IsNaN(loss) ? "NaN" : "infinite")} at step {step}"),
            learningRate);

    /// <param name="mean">Of the last steps.</param>
    internal static DivergedException Exploding(double mean, int classes, int step, double learningRate) =>
        new(string.Create(CultureInfo.InvariantCulture,
            $"exploded: until step {step} it rose to {mean:0.0} on average, where guessing among {classes} classes gives "
                + $"{Math.Log(classes):0.0}"),
            learningRate);
}

/// <summary>What went wrong, in a sentence for people, with the remedy where there is one.</summary>
internal static class FailureWords
{
    public static string Of(Exception error) => error switch
    {
        DivergedException or NotFiniteException or ImageException or WeightsException or RunSinkException or CheckpointException =>
            error.Message,
        IOException io when FullDisk.Is(io) =>
            $"The disk is full: {io.Message.TrimEnd('.')}. Free some space, then clone the run; what was written before is whole.",
        FileNotFoundException or DirectoryNotFoundException =>
            $"{error.Message} Was the dataset moved? Rescan it, then clone the run.",
        UnauthorizedAccessException => $"{error.Message} Check the permissions, then clone the run.",
        ExternalException or OutOfMemoryException when IsOutOfMemory(error) =>
            "The device ran out of memory. Clone the run with half the batch size or a smaller image size.",
        _ => $"Unexpected: {FirstLine(error.Message)} The log has the details.",
    };

    public static bool IsOutOfMemory(Exception error) =>
        error is OutOfMemoryException
        || error.Message.Contains("out of memory", StringComparison.OrdinalIgnoreCase)
        || error.Message.Contains("can't allocate memory", StringComparison.OrdinalIgnoreCase);

    private static string FirstLine(string message) => message.Split('\n', 2)[0].TrimEnd();
}

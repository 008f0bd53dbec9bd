using System.Globalization;
using Training.Core.Backbones;
using Training.Core.Devices;
using Training.Core.Engine.Optimizers;
using Training.Core.Metrics;
using Training.Core.Metrics.Predictions;
using Training.Core.Recipes;
using static TorchSharp.torch;

namespace Training.Core.Engine;

/// <summary>
/// The one place that looks whether what a training has computed still are numbers: before it is evaluated, saved or shown. A NaN spreads
/// through everything that it touches and equals nothing, so whatever is counted of it looks like an answer.
/// </summary>
internal static class FiniteGuard
{
    /// <inheritdoc cref="StateDictFile.NotFinite"/>
    public static string? First(IEnumerable<KeyValuePair<string, Tensor>> tensors) => StateDictFile.NotFinite(tensors);

    /// <summary>What a step may have changed: the moving weights, and the norms' statistics unless they rest.</summary>
    /// <exception cref="NotFiniteException"/>
    public static void Check(SessionParts parts, ScheduledOptimizer optimizer, TrainingPosition position)
    {
        IEnumerable<KeyValuePair<string, Tensor>> statistics = parts.Recipe.Mode == TrainingMode.Transfer ? []
            : parts.Network.named_buffers().Select(entry => KeyValuePair.Create(entry.name, entry.buffer));
        // One vector for all weights; which of them it is matters only when something is wrong.
        if (First(statistics.Append(KeyValuePair.Create("", optimizer.Moving))) is not { } found) return;
        if (found.Length > 0)
            throw new NotFiniteException($"The statistics of a norm are no numbers any more ({found}) {When(position)}. {NormRemedy}");
        var name = First(parts.Network.named_parameters().Select(entry => KeyValuePair.Create(entry.name, (Tensor)entry.parameter)));
        throw new NotFiniteException($"The weights are no numbers any more ({name}) {When(position)}. {RateRemedy(parts.Recipe)}");
    }

    /// <exception cref="NotFiniteException">The model gave something that is no number for an image, which is named.</exception>
    public static void Check(IReadOnlyList<Prediction> predictions, IReadOnlyList<Data.Sample> samples)
    {
        for (var index = 0; index < predictions.Count; index++)
        {
            if (float.IsFinite(predictions[index].Loss) && predictions[index].TopProbabilities.All(float.IsFinite)) continue;
            throw new NotFiniteException($"What the model gives for {samples[index].Path} is no number (NaN or infinite), so it has no "
                + "answer.");
        }
    }

    /// <param name="features">(n, width), of these images.</param>
    /// <exception cref="NotFiniteException">Some are no numbers; the first image is named. None of them may be kept for later
    /// runs.</exception>
    public static void CheckFeatures(Tensor features, IReadOnlyList<Data.Sample> samples)
    {
        using var scope = NewDisposeScope();
        var whole = features.isfinite().all(1).cpu().data<bool>().ToArray();
        if (Array.IndexOf(whole, false) is var first and >= 0)
            throw new NotFiniteException($"What the backbone gives for {samples[first].Path} is no number (NaN or infinite). "
                + "Clone the run with precision fp32, or with another backbone or model to start from.");
    }

    /// <summary>The same in a training, where it is known when it happened and what helps.</summary>
    public static NotFiniteException Of(NotFiniteException cause, TrainingPosition position, Recipe recipe) =>
        new($"The validation {When(position)} failed: {cause.Message} {RateRemedy(recipe)}");

    private const string NormRemedy =
        "A norm learns from several values per channel: clone the run with a larger batchSize or imageSize, or with batchNorm freeze.";

    private static string When(TrainingPosition position) =>
        string.Create(CultureInfo.InvariantCulture, $"in epoch {position.Epoch}, after step {position.Step}");

    private static string RateRemedy(Recipe recipe)
    {
        var precision = recipe.Precision == PrecisionKind.Fp32 ? "" : ", or with precision fp32";
        return string.Create(CultureInfo.InvariantCulture,
            $"The learning rate of {recipe.LearningRate} is probably too high: clone the run with {recipe.LearningRate / 10}{precision}.");
    }
}

using Training.Core.Backbones;
using Training.Core.Data;
using Training.Core.Devices;
using Training.Core.Metrics;
using Training.Core.Metrics.Predictions;
using static TorchSharp.torch;

namespace Training.Core.Engine;

/// <summary>What a network says of samples.</summary>
/// <param name="Loss">Mean cross-entropy, natural logarithm, without smoothing.</param>
/// <param name="Accuracy">0–1.</param>
public sealed record Evaluation(IReadOnlyList<Prediction> Predictions, double Loss, double Accuracy)
{
    /// <exception cref="InvalidDataException">There is nothing to measure.</exception>
    public static Evaluation Of(IReadOnlyList<Prediction> predictions) => predictions.Count == 0
        ? throw new InvalidDataException("There is no image to evaluate, so there is no accuracy.")
        : new Evaluation(
            predictions,
            predictions.Average(prediction => (double)prediction.Loss),
            (double)predictions.Count(prediction => prediction.IsRight) / predictions.Count);
}

internal static class Evaluator
{
    /// <summary>Always the same, so that a saved model gives the same numbers bit by bit: results may depend on the batch's size.</summary>
    public const int BatchSize = 64;

    /// <summary>One pass in file order. The network is left in evaluation mode.</summary>
    /// <param name="flip">Each image also mirrored; the mean of both features counts.</param>
    /// <param name="progress">Called with the number of images done after each batch.</param>
    public static Evaluation Run(
        ImageClassifier network, BatchLoader loader, int imageSize, ComputeDevice device, bool flip, CancellationToken cancellationToken,
        Action<int>? progress = null)
    {
        network.SetTraining(false, freezeBatchNorm: false);
        using var noGradient = no_grad();
        var predictions = new List<Prediction>();
        foreach (var batch in loader.Read(epoch: 0, cancellationToken))
        {
            cancellationToken.ThrowIfCancellationRequested();
            using var scope = NewDisposeScope();
            predictions.AddRange(
                Predict(network.Classify(Features(network, ImageTensor.Of(batch, imageSize, device), flip)), batch.Samples));
            progress?.Invoke(predictions.Count);
        }
        return Evaluation.Of(predictions);
    }

    /// <summary>
    /// Features (n, width) of images, with <paramref name="flip"/> the mean of them and of their mirror images: for a linear head, the mean
    /// of the logits.
    /// </summary>
    public static Tensor Features(ImageClassifier network, Tensor images, bool flip)
    {
        using var scope = NewDisposeScope();
        var features = network.Features(images);
        if (flip) features = (features + network.Features(images.flip(3))) / 2;
        return features.MoveToOuterDisposeScope();
    }

    /// <param name="logits">(n, classes), float32.</param>
    /// <param name="samples">In the logits' order.</param>
    /// <exception cref="NotFiniteException">An answer is no number: neither right nor wrong.</exception>
    public static IReadOnlyList<Prediction> Predict(Tensor logits, IReadOnlyList<Sample> samples)
    {
        using var scope = NewDisposeScope();
        var onProcessor = logits.cpu().to(ScalarType.Float32);
        var labels = tensor([.. samples.Select(sample => (long)sample.Label)]);
        var losses = nn.functional.cross_entropy(onProcessor, labels, reduction: nn.Reduction.None).data<float>().ToArray();
        var top = (int)Math.Min(Prediction.TopK, onProcessor.shape[1]);
        var (values, indexes) = onProcessor.softmax(1).topk(top, 1);
        var probabilities = values.contiguous().data<float>().ToArray();
        var classes = indexes.contiguous().data<long>().ToArray();
        Prediction[] predictions = [.. samples.Select((sample, i) => new Prediction(
            sample.Id, sample.Label,
            [.. classes.Skip(i * top).Take(top).Select(index => (int)index)],
            probabilities[(i * top)..((i + 1) * top)],
            losses[i]))];
        FiniteGuard.Check(predictions, samples);
        return predictions;
    }
}

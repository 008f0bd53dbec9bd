using Training.Core.Data;
using Training.Core.Devices;
using Training.Core.Recipes;
using static TorchSharp.torch;

namespace Training.Core.Engine.Losses;

/// <summary>What a batch should have been called.</summary>
/// <param name="Labels">Class indices (n), int64.</param>
/// <param name="Others">Of the images that were mixed in, (n); null: none were.</param>
/// <param name="Share">Part of <paramref name="Labels"/>, 0–1; the rest is that of <paramref name="Others"/>.</param>
internal sealed record Targets(Tensor Labels, Tensor? Others = null, double Share = 1)
{
    /// <summary>Of some rows, in the caller's dispose scope.</summary>
    public Targets Rows(long first, long count) =>
        this with { Labels = Labels.narrow(0, first, count), Others = Others?.narrow(0, first, count) };
}

/// <summary>Cross-entropy, natural logarithm, with the recipe's label smoothing and class weights, as PyTorch's.</summary>
/// <param name="samples">That are trained on: they determine the class weights.</param>
internal sealed class ClassificationLoss(Recipe recipe, IReadOnlyList<Sample> samples, int classes, ComputeDevice device) : IDisposable
{
    public int Classes => classes;

    private readonly Tensor? _weights = recipe.ClassBalance == ClassBalanceKind.Weights
        ? tensor(WeightsOf(samples, classes), device: device.Device).DetachFromDisposeScope() : null;

    /// <summary>The batch's mean, in the caller's dispose scope.</summary>
    public Tensor Of(Tensor logits, Targets targets)
    {
        using var scope = NewDisposeScope();
        var loss = Entropy(logits, targets.Labels);
        if (targets.Others is { } others) loss = loss * targets.Share + Entropy(logits, others) * (1 - targets.Share);
        return loss.MoveToOuterDisposeScope();
    }

    public void Dispose() => _weights?.Dispose();

    /// <summary>n / (classes * images of the class), so that their mean over the images is 1; 0 for a class without images.</summary>
    internal static float[] WeightsOf(IReadOnlyList<Sample> samples, int classes)
    {
        var counts = new int[classes];
        foreach (var sample in samples) counts[sample.Label]++;
        return Array.ConvertAll(counts, count => count == 0 ? 0 : (float)samples.Count / (classes * count));
    }

    private Tensor Entropy(Tensor logits, Tensor labels) =>
        nn.functional.cross_entropy(logits, labels, weight: _weights, label_smoothing: recipe.LabelSmoothing);
}

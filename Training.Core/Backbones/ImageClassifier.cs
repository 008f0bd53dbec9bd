using static TorchSharp.torch;
using TorchSharp.Modules;

namespace Training.Core.Backbones;

/// <summary>
/// A backbone with a linear head, named as in torchvision so that its state dict loads there. Input: (n, 3, h, w), RGB with the
/// usual ImageNet normalisation (<see cref="Normalisation"/>), float32 or bfloat16; weights are float32 and are cast inside forward.
/// </summary>
public abstract class ImageClassifier(string name) : nn.Module<Tensor, Tensor>(name)
{
    /// <summary>Width of the pooled features.</summary>
    public abstract int FeatureCount { get; }

    public abstract int ClassCount { get; }

    /// <summary>Pooled features (n, FeatureCount), float32.</summary>
    public abstract Tensor Features(Tensor images);

    /// <summary>Logits (n, ClassCount) of pooled features, float32.</summary>
    public abstract Tensor Classify(Tensor features);

    public abstract IReadOnlyList<Parameter> HeadParameters { get; }

    public abstract IReadOnlyList<Parameter> BackboneParameters { get; }

    /// <summary>Parameters and buffers by torchvision's names.</summary>
    public abstract IReadOnlyDictionary<string, Tensor> StateDict();

    /// <summary>
    /// Train mode for the whole network, or with <paramref name="freezeBatchNorm"/> all batch norms in eval:
    /// they would move their running statistics even when no gradient reaches them.
    /// </summary>
    public abstract void SetTraining(bool training, bool freezeBatchNorm);

    public override Tensor forward(Tensor input) => Classify(Features(input));
}

/// <summary>The preprocessing that every backbone expects: torchvision's ImageNet constants, for RGB of 0–1.</summary>
public static class Normalisation
{
    public static IReadOnlyList<float> Mean { get; } = [0.485f, 0.456f, 0.406f];
    public static IReadOnlyList<float> Deviation { get; } = [0.229f, 0.224f, 0.225f];
}

namespace Training.Core.Backbones;

internal enum ActivationKind { None, Relu, Relu6, HardSwish, Silu }

/// <summary>
/// An inverted residual block: a 1x1 convolution up, a depthwise one, a squeeze-excitation if it has one, a 1x1 convolution down.
/// </summary>
/// <param name="Expanded">Channels of the depthwise convolution; the convolution up is left out where they equal the inputs.</param>
/// <param name="Squeezed">Channels inside the squeeze-excitation; 0: none.</param>
internal sealed record MobileBlockShape(
    int Inputs, int Kernel, int Expanded, int Outputs, int Squeezed, ActivationKind Activation, int Stride)
{
    public bool IsResidual => Stride == 1 && Inputs == Outputs;
}

/// <summary>
/// MobileNetV2 (Sandler et al. 2018), MobileNetV3 (Howard et al. 2019) and EfficientNet (Tan and Le 2019): a strided stem, inverted
/// residual blocks, a 1x1 convolution, a head. Named and built as in torchvision, where they differ in names, constants and initialisation.
/// </summary>
internal sealed record MobileSpec : BackboneSpec
{
    public MobileSpec(string name, string title, int features, WeightsSource weights) : base(name, title, features, weights) { }

    /// <summary>
    /// Stages of blocks. With <see cref="HasStages"/> a stage is a module of its own, otherwise its blocks stand side by side.
    /// </summary>
    public required IReadOnlyList<IReadOnlyList<MobileBlockShape>> Stages { get; init; }

    public bool HasStages { get; init; }

    /// <summary>Of the stem and the last convolution.</summary>
    public required ActivationKind Activation { get; init; }

    /// <summary>Channels of the last convolution.</summary>
    public required int LastWidth { get; init; }

    /// <summary>
    /// Whether a linear layer and an activation stand between the pooled channels and the head, as in MobileNetV3. They belong to the
    /// backbone: their weights are pretrained, and so the head is one linear layer in every network.
    /// </summary>
    public bool HasHiddenLayer => LastWidth != FeatureCount;

    public double NormEpsilon { get; init; } = 1e-5;

    public double NormMomentum { get; init; } = 0.1;

    /// <summary>Chance that training skips the last residual block's branch for an image; it grows linearly over the blocks.</summary>
    public double StochasticDepth { get; init; }

    /// <summary>
    /// Bound of the uniform distribution of a linear layer's first weights by its outputs; null: normal with deviation 0.01.
    /// </summary>
    public Func<int, double>? LinearBound { get; init; }

    public int StemWidth => Stages[0][0].Inputs;

    public IEnumerable<MobileBlockShape> Blocks => Stages.SelectMany(stage => stage);

    public override ImageClassifier Create(int classes) => new MobileNetwork(this, classes);

    public override string TorchvisionImport => $"from torchvision.models import {Name}";

    protected override string TorchvisionBuilder => $"{Name}(";

    internal override IEnumerable<ConvolutionShape> Convolutions
    {
        get
        {
            var side = CountedSize / 2;
            yield return new ConvolutionShape(side, 3, 3, StemWidth);
            foreach (var block in Blocks)
            {
                if (block.Expanded != block.Inputs) yield return new ConvolutionShape(side, 1, block.Inputs, block.Expanded);
                side = (side + block.Stride - 1) / block.Stride;
                yield return new ConvolutionShape(side, block.Kernel, block.Expanded, block.Expanded, block.Expanded);
                yield return new ConvolutionShape(1, 1, block.Expanded, 2 * block.Squeezed);
                yield return new ConvolutionShape(side, 1, block.Expanded, block.Outputs);
            }
            yield return new ConvolutionShape(side, 1, Stages[^1][^1].Outputs, LastWidth);
            if (HasHiddenLayer) yield return new ConvolutionShape(1, 1, LastWidth, FeatureCount);
        }
    }
}

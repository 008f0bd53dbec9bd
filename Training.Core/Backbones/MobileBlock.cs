using TorchSharp.Utils;
using Training.Core.Formats;
using static TorchSharp.torch;

namespace Training.Core.Backbones;

/// <summary>See <see cref="MobileBlockShape"/>; the input is added where its shape fits.</summary>
internal sealed class MobileBlock : nn.Module<Tensor, Tensor>, IOnnxLayer
{
    // MobileNetV2 came first: its blocks have other names.
    [ComponentName(Name = "conv")] private readonly Chain? _conv;
    [ComponentName(Name = "block")] private readonly Chain? _block;
    private readonly bool _isResidual;
    private readonly double _skipped;
    private bool _training = true;

    /// <param name="skipped">Chance that training leaves the branch out for an image, 0–1.</param>
    public MobileBlock(MobileSpec spec, MobileBlockShape shape, double skipped) : base(nameof(MobileBlock))
    {
        (_isResidual, _skipped) = (shape.IsResidual, skipped);
        var layers = new Chain([.. Layers(spec, shape)]);
        if (IsOfVersion2(spec)) _conv = layers;
        else _block = layers;
        RegisterComponents();
    }

    public override void train(bool train = true)
    {
        base.train(train);
        _training = train;
    }

    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        var branch = (_conv ?? _block)!.call(input);
        if (!_isResidual) return branch.MoveToOuterDisposeScope();
        if (_training && _skipped > 0) branch = branch * Survivors(input);
        return branch.add_(input).MoveToOuterDisposeScope();
    }

    public string Export(OnnxGraph graph, string input)
    {
        var branch = (_conv ?? _block)!.Export(graph, input);
        return _isResidual ? graph.Add(branch, input) : branch;
    }

    // The branches that stay are made larger, so that their mean over many steps is what evaluation computes.
    private Tensor Survivors(Tensor input)
    {
        var chance = 1 - _skipped;
        return full([input.shape[0], 1, 1, 1], chance, device: input.device).bernoulli().div_(chance).to(input.dtype);
    }

    private static IEnumerable<nn.Module<Tensor, Tensor>> Layers(MobileSpec spec, MobileBlockShape shape)
    {
        BatchNorm Norm(int channels) => new(channels, spec.NormEpsilon, spec.NormMomentum);
        if (shape.Expanded != shape.Inputs)
            yield return new ConvolutionUnit(new Convolution(shape.Inputs, shape.Expanded, kernel: 1), Norm(shape.Expanded),
                shape.Activation);
        var depthwise = new Convolution(shape.Expanded, shape.Expanded, shape.Kernel, shape.Stride, groups: shape.Expanded);
        yield return new ConvolutionUnit(depthwise, Norm(shape.Expanded), shape.Activation);
        if (shape.Squeezed > 0)
            yield return new SqueezeExcitation(shape.Expanded, shape.Squeezed, isHard: spec.Activation == ActivationKind.HardSwish);
        var down = new Convolution(shape.Expanded, shape.Outputs, kernel: 1);
        if (!IsOfVersion2(spec))
        {
            yield return new ConvolutionUnit(down, Norm(shape.Outputs), ActivationKind.None);
            yield break;
        }
        yield return down;
        yield return Norm(shape.Outputs);
    }

    private static bool IsOfVersion2(MobileSpec spec) => spec.Activation == ActivationKind.Relu6;
}

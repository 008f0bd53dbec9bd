using System.Globalization;
using TorchSharp.Modules;
using TorchSharp.Utils;
using Training.Core.Formats;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace Training.Core.Backbones;

internal static class Activation
{
    /// <summary>In place: what comes in is a norm's or a sum's own output, which its gradient doesn't need.</summary>
    public static Tensor Apply(ActivationKind kind, Tensor input) => kind switch
    {
        ActivationKind.Relu => F.relu(input, inplace: true),
        ActivationKind.Relu6 => F.relu6(input, inplace: true),
        ActivationKind.HardSwish => F.hardswish(input, inplace: true),
        ActivationKind.Silu => F.silu(input, inplace: true),
        _ => input,
    };

    public static string Export(ActivationKind kind, OnnxGraph graph, string input) => kind switch
    {
        ActivationKind.Relu => graph.Relu(input),
        ActivationKind.Relu6 => graph.Relu6(input),
        ActivationKind.HardSwish => graph.HardSwish(input),
        ActivationKind.Silu => graph.Multiply(input, graph.Sigmoid(input)),
        _ => input,
    };
}

/// <summary>A convolution, its norm and an activation, named "0" and "1".</summary>
internal sealed class ConvolutionUnit : nn.Module<Tensor, Tensor>, IOnnxLayer
{
    [ComponentName(Name = "0")] private readonly Convolution _convolution;
    [ComponentName(Name = "1")] private readonly BatchNorm _norm;
    private readonly ActivationKind _activation;

    public ConvolutionUnit(Convolution convolution, BatchNorm norm, ActivationKind activation) : base(nameof(ConvolutionUnit))
    {
        (_convolution, _norm, _activation) = (convolution, norm, activation);
        RegisterComponents();
    }

    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        return Activation.Apply(_activation, _norm.call(_convolution.call(input))).MoveToOuterDisposeScope();
    }

    public string Export(OnnxGraph graph, string input) =>
        Activation.Export(_activation, graph, _norm.Export(graph, _convolution.Export(graph, input)));
}

/// <summary>Weights each channel by what all channels say on the average of the image (Hu et al. 2018).</summary>
internal sealed class SqueezeExcitation : nn.Module<Tensor, Tensor>, IOnnxLayer
{
    [ComponentName(Name = "fc1")] private readonly ChannelMix _down;
    [ComponentName(Name = "fc2")] private readonly ChannelMix _up;
    private readonly bool _isHard;

    /// <param name="isHard">ReLU and hard sigmoid (MobileNetV3) instead of SiLU and sigmoid (EfficientNet).</param>
    public SqueezeExcitation(int channels, int squeezed, bool isHard) : base(nameof(SqueezeExcitation))
    {
        _down = new ChannelMix(channels, squeezed);
        _up = new ChannelMix(squeezed, channels);
        _isHard = isHard;
        RegisterComponents();
    }

    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        // In float32 like the statistics of a norm: a few numbers an image, of which every pixel takes its share.
        var hidden = _down.call(input.mean([2, 3], type: ScalarType.Float32));
        var logits = _up.call(Activation.Apply(_isHard ? ActivationKind.Relu : ActivationKind.Silu, hidden));
        var gate = _isHard ? F.hardsigmoid(logits) : F.sigmoid(logits);
        return (input * gate.to(input.dtype).unsqueeze(-1).unsqueeze(-1)).MoveToOuterDisposeScope();
    }

    public string Export(OnnxGraph graph, string input)
    {
        var hidden = _down.Export(graph, graph.Average(input));
        var logits = _up.Export(graph, Activation.Export(_isHard ? ActivationKind.Relu : ActivationKind.Silu, graph, hidden));
        return graph.Multiply(input, _isHard ? graph.HardSigmoid(logits) : graph.Sigmoid(logits));
    }
}

/// <summary>A 1x1 convolution with bias, as a matrix product of (n, channels).</summary>
internal sealed class ChannelMix : nn.Module<Tensor, Tensor>, IOnnxLayer
{
    [ComponentName(Name = "weight")] private readonly Parameter _weight;
    [ComponentName(Name = "bias")] private readonly Parameter _bias;

    public ChannelMix(int inputs, int outputs) : base(nameof(ChannelMix))
    {
        using var noGradient = no_grad();
        _weight = LayerTensors.Own(nn.init.kaiming_normal_(
            empty(outputs, inputs, 1, 1), mode: nn.init.FanInOut.FanOut, nonlinearity: nn.init.NonlinearityType.ReLU));
        _bias = LayerTensors.Own(zeros(outputs));
        RegisterComponents();
    }

    public override Tensor forward(Tensor input) => F.linear(input, _weight.flatten(1), _bias);

    public string Export(OnnxGraph graph, string input) => graph.Convolution(input, _weight, _bias, stride: 1, padding: 0, groups: 1);
}

/// <summary>Layers one after the other, named "0", "1" …</summary>
internal sealed class Chain : nn.Module<Tensor, Tensor>, IOnnxLayer
{
    private readonly IReadOnlyList<nn.Module<Tensor, Tensor>> _layers;

    public Chain(IReadOnlyList<nn.Module<Tensor, Tensor>> layers) : base(nameof(Chain))
    {
        _layers = layers;
        for (var i = 0; i < layers.Count; i++)
            register_module(i.ToString(CultureInfo.InvariantCulture), layers[i]);
    }

    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        var images = input;
        foreach (var layer in _layers)
        {
            var next = layer.call(images);
            if (!ReferenceEquals(images, input)) images.Dispose();
            images = next;
        }
        return images.MoveToOuterDisposeScope();
    }

    public string Export(OnnxGraph graph, string input) =>
        _layers.Cast<IOnnxLayer>().Aggregate(input, (value, layer) => layer.Export(graph, value));
}

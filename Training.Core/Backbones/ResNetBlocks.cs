using System.Globalization;
using TorchSharp.Utils;
using Training.Core.Formats;
using static TorchSharp.torch;

namespace Training.Core.Backbones;

/// <summary>Where a block stands: what goes in, its base width (64–512), its stride.</summary>
internal sealed record BlockShape(int Inputs, int Planes, int Stride, int Groups, int WidthPerGroup)
{
    /// <summary>Channels of a bottleneck's middle convolution.</summary>
    public int Width => Planes * WidthPerGroup / 64 * Groups;
}

/// <summary>A branch of convolutions added to its input, or to a projection of it where the shape changes.</summary>
internal abstract class ResidualBlock(string name) : nn.Module<Tensor, Tensor>(name), IOnnxLayer
{
    public sealed override Tensor forward(Tensor input)
    {
        // A scope per block: without gradients, activations are freed as soon as the next block has them.
        using var scope = NewDisposeScope();
        var branch = Branch(input);
        return LastNorm.Relu(branch, Shortcut(input)).MoveToOuterDisposeScope();
    }

    public string Export(OnnxGraph graph, string input) =>
        graph.Relu(graph.Add(ExportBranch(graph, input), ExportShortcut(graph, input)));

    /// <summary>The branch up to its last convolution.</summary>
    protected abstract Tensor Branch(Tensor input);

    /// <summary>Of the last convolution.</summary>
    protected abstract BatchNorm LastNorm { get; }

    protected abstract Tensor Shortcut(Tensor input);

    protected abstract string ExportBranch(OnnxGraph graph, string input);

    protected abstract string ExportShortcut(OnnxGraph graph, string input);

    protected static Projection? ProjectionFor(BlockShape shape, int outputs) =>
        shape.Stride != 1 || shape.Inputs != outputs ? new Projection(shape.Inputs, outputs, shape.Stride) : null;
}

/// <summary>Two 3x3 convolutions (ResNet-18 and -34).</summary>
internal sealed class BasicBlock : ResidualBlock
{
    [ComponentName(Name = "conv1")] private readonly Convolution _convolution1;
    [ComponentName(Name = "bn1")] private readonly BatchNorm _norm1;
    [ComponentName(Name = "conv2")] private readonly Convolution _convolution2;
    [ComponentName(Name = "bn2")] private readonly BatchNorm _norm2;
    [ComponentName(Name = "downsample")] private readonly Projection? _projection;

    public BasicBlock(BlockShape shape) : base(nameof(BasicBlock))
    {
        _convolution1 = new Convolution(shape.Inputs, shape.Planes, kernel: 3, shape.Stride);
        _norm1 = new BatchNorm(shape.Planes);
        _convolution2 = new Convolution(shape.Planes, shape.Planes, kernel: 3);
        _norm2 = new BatchNorm(shape.Planes);
        _projection = ProjectionFor(shape, shape.Planes);
        RegisterComponents();
    }

    protected override BatchNorm LastNorm => _norm2;

    protected override Tensor Branch(Tensor input) => _convolution2.call(_norm1.Relu(_convolution1.call(input)));

    protected override string ExportBranch(OnnxGraph graph, string input)
    {
        var hidden = graph.Relu(_norm1.Export(graph, _convolution1.Export(graph, input)));
        return _norm2.Export(graph, _convolution2.Export(graph, hidden));
    }

    protected override string ExportShortcut(OnnxGraph graph, string input) => _projection?.Export(graph, input) ?? input;

    protected override Tensor Shortcut(Tensor input) => _projection?.call(input) ?? input;
}

/// <summary>1x1, 3x3 (strided, in groups), 1x1 to four times the width (ResNet-50 and larger).</summary>
internal sealed class BottleneckBlock : ResidualBlock
{
    public const int Expansion = 4;

    [ComponentName(Name = "conv1")] private readonly Convolution _convolution1;
    [ComponentName(Name = "bn1")] private readonly BatchNorm _norm1;
    [ComponentName(Name = "conv2")] private readonly Convolution _convolution2;
    [ComponentName(Name = "bn2")] private readonly BatchNorm _norm2;
    [ComponentName(Name = "conv3")] private readonly Convolution _convolution3;
    [ComponentName(Name = "bn3")] private readonly BatchNorm _norm3;
    [ComponentName(Name = "downsample")] private readonly Projection? _projection;

    public BottleneckBlock(BlockShape shape) : base(nameof(BottleneckBlock))
    {
        var width = shape.Width;
        var outputs = shape.Planes * Expansion;
        _convolution1 = new Convolution(shape.Inputs, width, kernel: 1);
        _norm1 = new BatchNorm(width);
        _convolution2 = new Convolution(width, width, kernel: 3, shape.Stride, shape.Groups);
        _norm2 = new BatchNorm(width);
        _convolution3 = new Convolution(width, outputs, kernel: 1);
        _norm3 = new BatchNorm(outputs);
        _projection = ProjectionFor(shape, outputs);
        RegisterComponents();
    }

    protected override BatchNorm LastNorm => _norm3;

    protected override Tensor Branch(Tensor input)
    {
        var hidden = _norm1.Relu(_convolution1.call(input));
        hidden = _norm2.Relu(_convolution2.call(hidden));
        return _convolution3.call(hidden);
    }

    protected override string ExportBranch(OnnxGraph graph, string input)
    {
        var hidden = graph.Relu(_norm1.Export(graph, _convolution1.Export(graph, input)));
        hidden = graph.Relu(_norm2.Export(graph, _convolution2.Export(graph, hidden)));
        return _norm3.Export(graph, _convolution3.Export(graph, hidden));
    }

    protected override string ExportShortcut(OnnxGraph graph, string input) => _projection?.Export(graph, input) ?? input;

    protected override Tensor Shortcut(Tensor input) => _projection?.call(input) ?? input;
}

/// <summary>The strided 1x1 convolution of a shortcut, with its norm.</summary>
internal sealed class Projection : nn.Module<Tensor, Tensor>, IOnnxLayer
{
    [ComponentName(Name = "0")] private readonly Convolution _convolution;
    [ComponentName(Name = "1")] private readonly BatchNorm _norm;

    public Projection(int inputs, int outputs, int stride) : base(nameof(Projection))
    {
        _convolution = new Convolution(inputs, outputs, kernel: 1, stride);
        _norm = new BatchNorm(outputs);
        RegisterComponents();
    }

    public override Tensor forward(Tensor input) => _norm.call(_convolution.call(input));

    public string Export(OnnxGraph graph, string input) => _norm.Export(graph, _convolution.Export(graph, input));
}

/// <summary>Blocks one after the other, named "0", "1" …</summary>
internal sealed class Stage : nn.Module<Tensor, Tensor>, IOnnxLayer
{
    private readonly IReadOnlyList<ResidualBlock> _blocks;

    public Stage(IReadOnlyList<ResidualBlock> blocks) : base(nameof(Stage))
    {
        _blocks = blocks;
        for (var i = 0; i < blocks.Count; i++)
            register_module(i.ToString(CultureInfo.InvariantCulture), blocks[i]);
    }

    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        var images = input;
        foreach (var block in _blocks)
        {
            var next = block.call(images);
            // With gradients the graph keeps what it needs; without, this frees a block's output as soon as it is used.
            if (!ReferenceEquals(images, input)) images.Dispose();
            images = next;
        }
        return images.MoveToOuterDisposeScope();
    }

    public string Export(OnnxGraph graph, string input) =>
        _blocks.Aggregate(input, (value, block) => block.Export(graph, value));
}

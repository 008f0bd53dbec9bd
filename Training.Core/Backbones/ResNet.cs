using TorchSharp.Modules;
using TorchSharp.Utils;
using Training.Core.Devices.Kernels;
using Training.Core.Formats;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace Training.Core.Backbones;

/// <summary>
/// The residual networks of torchvision (He et al. 2015; stride on the 3x3 convolution of a bottleneck), with its parameter names
/// and its initialisation, for any block counts, widths and groups.
/// </summary>
public sealed class ResNet : ImageClassifier
{
    private const int StemWidth = 64;

    [ComponentName(Name = "conv1")] private readonly Convolution _stem;
    [ComponentName(Name = "bn1")] private readonly BatchNorm _stemNorm;
    [ComponentName(Name = "layer1")] private readonly Stage _stage1;
    [ComponentName(Name = "layer2")] private readonly Stage _stage2;
    [ComponentName(Name = "layer3")] private readonly Stage _stage3;
    [ComponentName(Name = "layer4")] private readonly Stage _stage4;
    [ComponentName(Name = "fc")] private readonly LinearHead _head;

    /// <summary>Random weights by the global seed of libtorch.</summary>
    public ResNet(ResNetSpec spec, int classes) : base(nameof(ResNet))
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(classes, 1);
        if (spec.Blocks.Count != 4 || spec.Blocks.Any(count => count < 1))
            throw new ArgumentException($"A ResNet has four stages of at least one block; '{spec.Name}' says "
                + $"[{string.Join(", ", spec.Blocks)}].", nameof(spec));
        if (spec.Block == BlockKind.Basic && (spec.Groups != 1 || spec.WidthPerGroup != 64))
            throw new ArgumentException($"Basic blocks have one group and no free width; see '{spec.Name}'.", nameof(spec));

        ClassCount = classes;
        _stem = new Convolution(3, StemWidth, kernel: 7, stride: 2);
        _stemNorm = new BatchNorm(StemWidth);
        var channels = StemWidth;
        _stage1 = NewStage(spec, 0, ref channels);
        _stage2 = NewStage(spec, 1, ref channels);
        _stage3 = NewStage(spec, 2, ref channels);
        _stage4 = NewStage(spec, 3, ref channels);
        FeatureCount = channels;
        _head = new LinearHead(channels, classes);
        RegisterComponents();
    }

    public override int FeatureCount { get; }

    public override int ClassCount { get; }

    public override IReadOnlyList<IReadOnlyList<Parameter>> BackboneStages =>
    [
        ParametersOf(_stem, _stemNorm), ParametersOf(_stage1), ParametersOf(_stage2), ParametersOf(_stage3), ParametersOf(_stage4),
    ];

    protected override string HeadName => "fc";

    public override Tensor Features(Tensor images)
    {
        using var scope = NewDisposeScope();
        var stem = Stem(images);
        var last = _stage4.call(_stage3.call(_stage2.call(_stage1.call(stem))));
        return last.mean([2, 3], type: ScalarType.Float32).MoveToOuterDisposeScope();
    }

    public override Tensor Classify(Tensor features) => _head.call(features);

    internal override void Export(OnnxGraph graph, string images)
    {
        var stem = graph.MaxPool(graph.Relu(_stemNorm.Export(graph, _stem.Export(graph, images))), 3, 2, 1);
        var last = new[] { _stage1, _stage2, _stage3, _stage4 }.Aggregate(stem, (value, stage) => stage.Export(graph, value));
        ExportHead(graph, last, graph.Flatten(graph.Average(last)), _head, FeatureCount);
    }

    private Tensor Stem(Tensor images)
    {
        using var scope = NewDisposeScope();
        var stem = _stemNorm.call(_stem.call(images));
        // The largest of what ReLU gives is ReLU of the largest, bit for bit, and that is a quarter of the numbers, forward and back.
        var pooled = MaxPool.Covers(stem) ? MaxPool.WithRelu(stem) : F.relu(F.max_pool2d(stem, [3, 3], [2, 2], [1, 1]), inplace: true);
        return pooled.MoveToOuterDisposeScope();
    }

    private static Stage NewStage(ResNetSpec spec, int index, ref int channels)
    {
        var planes = StemWidth << index;
        var blocks = new List<ResidualBlock>();
        for (var i = 0; i < spec.Blocks[index]; i++)
        {
            var stride = i == 0 && index > 0 ? 2 : 1;
            var shape = new BlockShape(channels, planes, stride, spec.Groups, spec.WidthPerGroup);
            blocks.Add(spec.Block == BlockKind.Basic ? new BasicBlock(shape) : new BottleneckBlock(shape));
            channels = spec.Block == BlockKind.Basic ? planes : planes * BottleneckBlock.Expansion;
        }
        return new Stage(blocks);
    }
}

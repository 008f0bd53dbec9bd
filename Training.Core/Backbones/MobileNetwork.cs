using TorchSharp.Modules;
using TorchSharp.Utils;
using Training.Core.Formats;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace Training.Core.Backbones;

/// <summary>
/// The networks of <see cref="MobileSpec"/>. Their features are what the last linear layer sees: the pooled channels, in MobileNetV3 after
/// the linear layer and activation in between.
/// </summary>
internal sealed class MobileNetwork : ImageClassifier
{
    private const double Dropout = 0.2;

    [ComponentName(Name = "features")] private readonly Chain _features;
    [ComponentName(Name = "classifier")] private readonly MobileHead _head;
    private readonly IReadOnlyList<IReadOnlyList<nn.Module>> _stages;
    private readonly int _lastWidth;
    private bool _training = true;

    public MobileNetwork(MobileSpec spec, int classes) : base(nameof(MobileNetwork))
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(classes, 1);
        (FeatureCount, ClassCount, _lastWidth) = (spec.FeatureCount, classes, spec.LastWidth);
        HeadName = spec.HasHiddenLayer ? "classifier.3" : "classifier.1";
        var stem = new ConvolutionUnit(new Convolution(3, spec.StemWidth, kernel: 3, stride: 2), Norm(spec, spec.StemWidth),
            spec.Activation);
        var blocks = Blocks(spec);
        var last = new ConvolutionUnit(
            new Convolution(spec.Stages[^1][^1].Outputs, spec.LastWidth, kernel: 1), Norm(spec, spec.LastWidth), spec.Activation);
        IEnumerable<nn.Module<Tensor, Tensor>> middle = spec.HasStages
            ? blocks.Select(stage => new Chain(stage)) : blocks.SelectMany(stage => stage);
        _features = new Chain([stem, .. middle, last]);
        _head = new MobileHead(spec, classes);
        RegisterComponents();
        Initialise(spec);
        _stages = ByResolution(spec, stem, [.. blocks.SelectMany(stage => stage)], last);
    }

    public override int FeatureCount { get; }

    public override int ClassCount { get; }

    /// <summary>Five: the stem and the blocks of its resolution, then the blocks of each smaller one.</summary>
    public override IReadOnlyList<IReadOnlyList<Parameter>> BackboneStages => [.. _stages.Select(stage => ParametersOf(stage))];

    protected override string HeadName { get; }

    public override void train(bool train = true)
    {
        base.train(train);
        _training = train;
    }

    public override Tensor Features(Tensor images)
    {
        using var scope = NewDisposeScope();
        var pooled = _features.call(images).mean([2, 3], type: ScalarType.Float32);
        return _head.Hidden(pooled).MoveToOuterDisposeScope();
    }

    public override Tensor Classify(Tensor features)
    {
        if (!_training) return _head.Output.call(features);
        using var scope = NewDisposeScope();
        return _head.Output.call(F.dropout(features, Dropout, training: true)).MoveToOuterDisposeScope();
    }

    internal override void Export(OnnxGraph graph, string images)
    {
        var last = _features.Export(graph, images);
        ExportHead(graph, last, _head.Export(graph, graph.Flatten(graph.Average(last))), _head.Output, _lastWidth);
    }

    private static List<List<nn.Module<Tensor, Tensor>>> Blocks(MobileSpec spec)
    {
        var (count, index) = ((double)spec.Blocks.Count(), 0);
        return spec.Stages.Select(stage => stage.Select(shape =>
            (nn.Module<Tensor, Tensor>)new MobileBlock(spec, shape, spec.StochasticDepth * index++ / count)).ToList()).ToList();
    }

    private static BatchNorm Norm(MobileSpec spec, int channels) => new(channels, spec.NormEpsilon, spec.NormMomentum);

    private void Initialise(MobileSpec spec)
    {
        using var noGradient = no_grad();
        foreach (var layer in _head.children().Cast<LinearHead>())
        {
            var (weight, bias) = layer.Parameters;
            if (spec.LinearBound?.Invoke((int)weight.shape[0]) is { } bound) weight.uniform_(-bound, bound);
            else weight.normal_(0, 0.01);
            bias.zero_();
        }
    }

    private List<IReadOnlyList<nn.Module>> ByResolution(MobileSpec spec, nn.Module stem, IReadOnlyList<nn.Module> blocks, nn.Module last)
    {
        List<List<nn.Module>> stages = [[stem]];
        foreach (var (block, shape) in blocks.Zip(spec.Blocks))
        {
            if (shape.Stride > 1) stages.Add([]);
            stages[^1].Add(block);
        }
        stages[^1].Add(last);
        if (_head.HiddenLayer is { } hidden) stages[^1].Add(hidden);
        return [.. stages];
    }
}

/// <summary>The linear layers after pooling, named by their place in torchvision's list, which counts dropout and activation too.</summary>
internal sealed class MobileHead : nn.Module
{
    [ComponentName(Name = "0")] private readonly LinearHead? _hidden;
    [ComponentName(Name = "1")] private readonly LinearHead? _second;
    [ComponentName(Name = "3")] private readonly LinearHead? _fourth;

    public MobileHead(MobileSpec spec, int classes) : base(nameof(MobileHead))
    {
        var output = new LinearHead(spec.FeatureCount, classes);
        if (spec.HasHiddenLayer) (_hidden, _fourth) = (new LinearHead(spec.LastWidth, spec.FeatureCount), output);
        else _second = output;
        RegisterComponents();
    }

    /// <summary>The classifier itself.</summary>
    public LinearHead Output => (_second ?? _fourth)!;

    public LinearHead? HiddenLayer => _hidden;

    /// <summary>The same in ONNX.</summary>
    public string Export(OnnxGraph graph, string pooled) => _hidden is null ? pooled : graph.HardSwish(_hidden.Export(graph, pooled));

    /// <summary>Pooled channels as the classifier sees them: a new tensor, or the same one where nothing stands in between.</summary>
    public Tensor Hidden(Tensor pooled) => _hidden is null ? pooled : F.hardswish(_hidden.call(pooled), inplace: true);
}

using TorchSharp.Modules;
using Training.Core.Export;
using Training.Core.Formats;
using static TorchSharp.torch;

namespace Training.Core.Backbones;

/// <summary>
/// A backbone with a linear head, named as in torchvision so that its state dict loads there. Input: (n, 3, h, w), RGB with the
/// usual ImageNet normalisation (<see cref="Normalisation"/>), float32 or bfloat16; weights are float32 and are cast inside forward.
/// Forward leaves only its result in the caller's dispose scope.
/// </summary>
public abstract class ImageClassifier(string name) : nn.Module<Tensor, Tensor>(name)
{
    /// <summary>Width of the features that the head sees.</summary>
    public abstract int FeatureCount { get; }

    public abstract int ClassCount { get; }

    /// <summary>Whether <see cref="UseChannelsLast"/> was called.</summary>
    public bool IsChannelsLast { get; private set; }

    /// <summary>What the head sees of images: (n, FeatureCount), float32.</summary>
    public abstract Tensor Features(Tensor images);

    /// <summary>Logits (n, ClassCount) of features, float32.</summary>
    public abstract Tensor Classify(Tensor features);

    /// <summary>The head's parameters. Ask again after moving the network to another device: that replaces them.</summary>
    public IReadOnlyList<Parameter> HeadParameters =>
        [.. named_parameters().Where(entry => IsHead(entry.name)).Select(entry => entry.parameter)];

    /// <summary>All other parameters. Ask again after moving the network to another device: that replaces them.</summary>
    public IReadOnlyList<Parameter> BackboneParameters => [.. BackboneStages.SelectMany(stage => stage)];

    /// <summary>
    /// <see cref="BackboneParameters"/> in groups from the image to the head, such as stem and four stages of a ResNet; none is empty.
    /// </summary>
    public abstract IReadOnlyList<IReadOnlyList<Parameter>> BackboneStages { get; }

    /// <summary>The head's name in the state dict, such as "fc".</summary>
    protected abstract string HeadName { get; }

    /// <summary>Parameters and persistent buffers by torchvision's names and in its order: the live tensors, not copies.</summary>
    public IReadOnlyDictionary<string, Tensor> StateDict()
    {
        var result = new OrderedDictionary<string, Tensor>();
        Collect(this, "", result);
        return result;
    }

    /// <summary>
    /// Train mode for the whole network, or with <paramref name="freezeBatchNorm"/> all batch norms in eval:
    /// they would move their running statistics even when no gradient reaches them.
    /// </summary>
    public void SetTraining(bool training, bool freezeBatchNorm)
    {
        train(training);
        if (!freezeBatchNorm) return;
        foreach (var norm in modules().OfType<BatchNorm>()) norm.eval();
    }

    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        return Classify(Features(input)).MoveToOuterDisposeScope();
    }

    /// <summary>
    /// Lays the convolutions' weights out channels-last, which is faster on a CPU and on tensor cores; images then come from
    /// <see cref="Prepare"/>. Parameters keep their identity, so an optimizer made before stays valid. Call after moving the network and
    /// before the first backward pass, whose gradients keep the layout of then.
    /// </summary>
    public void UseChannelsLast()
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        foreach (var parameter in parameters().Where(parameter => parameter.dim() == 4))
            parameter.set_(ChannelsLast(parameter));
        IsChannelsLast = true;
    }

    /// <summary>
    /// Images in the layout of the weights and with the element type that is to be computed in; a new tensor or the same one.
    /// </summary>
    /// <param name="images">(n, 3, h, w), any element type, already normalised.</param>
    /// <param name="precision">float32 or bfloat16.</param>
    public Tensor Prepare(Tensor images, ScalarType precision)
    {
        using var scope = NewDisposeScope();
        var cast = images.to(precision);
        return (IsChannelsLast ? ChannelsLast(cast) : cast).MoveToOuterDisposeScope();
    }

    /// <summary>Adds the network's nodes and outputs, see <see cref="OnnxExport"/>.</summary>
    internal abstract void Export(OnnxGraph graph, string images);

    private protected void ExportHead(OnnxGraph graph, string activations, string features, LinearHead head, int channels)
    {
        graph.Output(head.Export(graph, features), OnnxNames.Logits, "n", ClassCount);
        graph.Output(features, OnnxNames.Features, "n", FeatureCount);
        graph.Output(activations, OnnxNames.Activations, "n", channels, "h", "w");
    }

    /// <summary>Whether a name of <see cref="StateDict"/> belongs to the head.</summary>
    internal bool IsHead(string name) => name.StartsWith($"{HeadName}.", StringComparison.Ordinal);

    /// <summary>The parameters of modules, one after the other.</summary>
    protected static IReadOnlyList<Parameter> ParametersOf(params IEnumerable<nn.Module> modules) =>
        [.. modules.SelectMany(module => module.parameters())];

    // Depth first, as PyTorch; TorchSharp's own state_dict and named_modules go breadth first.
    private static void Collect(nn.Module module, string prefix, OrderedDictionary<string, Tensor> result)
    {
        foreach (var (name, parameter) in module.named_parameters(recurse: false)) result.Add(prefix + name, parameter);
        foreach (var (name, buffer) in module.named_buffers(recurse: false)) result.Add(prefix + name, buffer);
        foreach (var (name, child) in module.named_children()) Collect(child, $"{prefix}{name}.", result);
    }

    // TorchSharp has no contiguous(memory_format); a tensor with these strides is what PyTorch calls channels_last.
    private static Tensor ChannelsLast(Tensor tensor) => tensor.permute(0, 2, 3, 1).contiguous().permute(0, 3, 1, 2);
}

/// <summary>The preprocessing that every backbone expects: torchvision's ImageNet constants, for RGB of 0–1.</summary>
public static class Normalisation
{
    public static IReadOnlyList<float> Mean { get; } = [0.485f, 0.456f, 0.406f];
    public static IReadOnlyList<float> Deviation { get; } = [0.229f, 0.224f, 0.225f];
}

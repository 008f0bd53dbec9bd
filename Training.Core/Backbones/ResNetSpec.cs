using System.Globalization;

namespace Training.Core.Backbones;

public enum BlockKind { Basic, Bottleneck }

/// <param name="Blocks">Blocks of the four stages.</param>
/// <inheritdoc cref="BackboneSpec"/>
public sealed record ResNetSpec(string Name, string Title, BlockKind Block, IReadOnlyList<int> Blocks, WeightsSource Weights)
    : BackboneSpec(Name, Title, Block == BlockKind.Basic ? 512 : 2048, Weights)
{
    /// <summary>
    /// Channels of a bottleneck's middle convolution per group at the first stage (64; 128 in wide networks, 4 in ResNeXt 32x4d).
    /// </summary>
    public int WidthPerGroup { get; init; } = 64;

    /// <summary>Groups of a bottleneck's middle convolution.</summary>
    public int Groups { get; init; } = 1;

    public override ImageClassifier Create(int classes) => new ResNet(this, classes);

    public override string TorchvisionImport => $"from torchvision.models.resnet import ResNet, {BlockName}";

    protected override string TorchvisionBuilder => $"ResNet({BlockName}, [{string.Join(", ", Blocks)}], ";

    protected override string TorchvisionOptions =>
        (Groups == 1 ? "" : string.Create(CultureInfo.InvariantCulture, $", groups={Groups}"))
        + (WidthPerGroup == 64 ? "" : string.Create(CultureInfo.InvariantCulture, $", width_per_group={WidthPerGroup}"));

    internal override IEnumerable<ConvolutionShape> Convolutions
    {
        get
        {
            var side = CountedSize / 2;
            yield return new ConvolutionShape(side, 7, 3, 64);
            side /= 2;
            var channels = 64;
            for (var stage = 0; stage < Blocks.Count; stage++)
                for (var block = 0; block < Blocks[stage]; block++)
                {
                    var shape = new BlockShape(channels, 64 << stage, stage > 0 && block == 0 ? 2 : 1, Groups, WidthPerGroup);
                    foreach (var convolution in Of(shape, side)) yield return convolution;
                    side /= shape.Stride;
                    channels = OutputsOf(shape);
                }
        }
    }

    private string BlockName => Block == BlockKind.Basic ? "BasicBlock" : "Bottleneck";

    private int OutputsOf(BlockShape shape) => shape.Planes * (Block == BlockKind.Basic ? 1 : BottleneckBlock.Expansion);

    private IEnumerable<ConvolutionShape> Of(BlockShape shape, int side)
    {
        var (after, outputs) = (side / shape.Stride, OutputsOf(shape));
        if (shape.Stride > 1 || shape.Inputs != outputs) yield return new ConvolutionShape(after, 1, shape.Inputs, outputs);
        if (Block == BlockKind.Basic)
        {
            yield return new ConvolutionShape(after, 3, shape.Inputs, shape.Planes);
            yield return new ConvolutionShape(after, 3, shape.Planes, shape.Planes);
            yield break;
        }
        yield return new ConvolutionShape(side, 1, shape.Inputs, shape.Width);
        yield return new ConvolutionShape(after, 3, shape.Width, shape.Width, Groups);
        yield return new ConvolutionShape(after, 1, shape.Width, outputs);
    }
}

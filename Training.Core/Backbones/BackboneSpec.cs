using System.Globalization;

namespace Training.Core.Backbones;

public enum BlockKind { Basic, Bottleneck }

/// <param name="Name">Stable id in recipes, such as "resnet34".</param>
/// <param name="Title">For people, such as "ResNet-34".</param>
/// <param name="Blocks">Blocks of the four stages.</param>
/// <param name="FeatureCount">Width of the pooled features.</param>
/// <param name="Weights">Where pretrained weights come from.</param>
public sealed record BackboneSpec(
    string Name, string Title, BlockKind Block, IReadOnlyList<int> Blocks, int FeatureCount, WeightsSource Weights)
{
    /// <summary>Channels of a bottleneck's middle convolution per group at the first stage (64; 128 in wide networks, 4 in ResNeXt 32x4d).</summary>
    public int WidthPerGroup { get; init; } = 64;

    /// <summary>Groups of a bottleneck's middle convolution.</summary>
    public int Groups { get; init; } = 1;

    /// <summary>
    /// How to build the same network with <c>from torchvision.models.resnet import ResNet, BasicBlock, Bottleneck</c>,
    /// such as "ResNet(BasicBlock, [2, 2, 2, 3], num_classes=2)".
    /// </summary>
    public string TorchvisionConstruction(int classes)
    {
        var block = Block == BlockKind.Basic ? "BasicBlock" : "Bottleneck";
        var groups = Groups == 1 ? "" : string.Create(CultureInfo.InvariantCulture, $", groups={Groups}");
        var width = WidthPerGroup == 64 ? "" : string.Create(CultureInfo.InvariantCulture, $", width_per_group={WidthPerGroup}");
        return string.Create(CultureInfo.InvariantCulture,
            $"ResNet({block}, [{string.Join(", ", Blocks)}], num_classes={classes}{groups}{width})");
    }
}

/// <summary>Pretrained weights: the product's own ONNX file, or a file of torchvision's by URL and checksum.</summary>
/// <param name="FileName">Such as "resnet34-b627a593.pth"; looked for in the weights folder.</param>
/// <param name="Url">Null for the built-in file.</param>
/// <param name="Sha256Prefix">First hex digits of the file's SHA-256, lower case.</param>
public sealed record WeightsSource(string FileName, Uri? Url, string Sha256Prefix)
{
    /// <summary>Whether the file ships with the product.</summary>
    public bool IsBuiltIn => Url is null;
}

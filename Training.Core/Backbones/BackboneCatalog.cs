namespace Training.Core.Backbones;

/// <summary>The networks that a recipe can name.</summary>
public static class BackboneCatalog
{
    /// <summary>ResNet-18 of the ONNX file that ships with the product: basic blocks [2,2,2,3], ImageNet weights, no download.</summary>
    public const string BuiltIn = "resnet18-builtin";

    public static IReadOnlyList<BackboneSpec> All => throw new NotImplementedException();

    /// <exception cref="ArgumentException">No backbone has this name; the message lists the names.</exception>
    public static BackboneSpec Get(string name) => throw new NotImplementedException();
}

public enum BlockKind { Basic, Bottleneck }

/// <param name="Name">Stable id in recipes, such as "resnet34".</param>
/// <param name="Blocks">Blocks of the four stages.</param>
/// <param name="FeatureCount">Width of the pooled features.</param>
/// <param name="Weights">Where pretrained weights come from.</param>
public sealed record BackboneSpec(
    string Name, string Title, BlockKind Block, IReadOnlyList<int> Blocks, int FeatureCount, WeightsSource Weights)
{
    /// <summary>Channels of a bottleneck's middle convolution at the first stage (64; 128 in wide networks).</summary>
    public int WidthPerGroup { get; init; } = 64;

    public int Groups { get; init; } = 1;
}

/// <summary>Pretrained weights: the product's own ONNX file, or a file of torchvision's by URL and checksum.</summary>
/// <param name="FileName">Such as "resnet34-b627a593.pth"; looked for in the weights folder.</param>
/// <param name="Url">Null for the built-in file.</param>
/// <param name="Sha256Prefix">First hex digits of the file's SHA-256; null for the built-in file.</param>
public sealed record WeightsSource(string FileName, Uri? Url, string? Sha256Prefix);

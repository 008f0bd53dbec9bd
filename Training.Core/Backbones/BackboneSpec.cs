using System.Globalization;

namespace Training.Core.Backbones;

/// <summary>A network that a recipe can name: what it is called, how to build it, where its weights come from.</summary>
/// <param name="Name">Stable id in recipes, such as "resnet34".</param>
/// <param name="Title">For people, such as "ResNet-34".</param>
/// <param name="FeatureCount">Width of the features that the head sees.</param>
/// <param name="Weights">Where pretrained weights come from.</param>
public abstract record BackboneSpec(string Name, string Title, int FeatureCount, WeightsSource Weights)
{
    /// <summary>The side of the images for which <see cref="Convolutions"/> counts, pixels.</summary>
    internal const int CountedSize = 224;

    /// <summary>Numbers that training can move, with a head for 1,000 classes.</summary>
    public long Parameters { get; init; }

    /// <summary>
    /// Time per multiply-add in relation to a ResNet of basic blocks: thin and depthwise convolutions move more memory than thick ones.
    /// </summary>
    public double Overhead { get; init; } = 1;

    /// <summary>The network with random weights, initialised as torchvision's, by the global seed of libtorch.</summary>
    public abstract ImageClassifier Create(int classes);

    /// <summary>How to build the same network in torchvision, such as "mobilenet_v2(num_classes=2)".</summary>
    public string TorchvisionConstruction(int classes) =>
        string.Create(CultureInfo.InvariantCulture, $"{TorchvisionBuilder}num_classes={classes}{TorchvisionOptions})");

    /// <summary>The Python line that <see cref="TorchvisionConstruction"/> needs before it.</summary>
    public abstract string TorchvisionImport { get; }

    /// <summary>Up to the number of classes, such as "mobilenet_v2(".</summary>
    protected abstract string TorchvisionBuilder { get; }

    /// <summary>After the number of classes, such as ", groups=32".</summary>
    protected virtual string TorchvisionOptions => "";

    /// <summary>Of the backbone, from the image to the head: in every network the stem and four more, each at half the side.</summary>
    internal const int StageCount = 5;

    /// <summary>Side of the last map before pooling: every layer of stride 2 rounds up.</summary>
    /// <param name="imageSize">Pixels.</param>
    internal int MapSide(int imageSize)
    {
        // Layers behind the pooling, and squeeze-excitations, see a single place whatever the image.
        var stride = CountedSize / Convolutions.Last(shape => shape.Side > 1).Side;
        return (imageSize + stride - 1) / stride;
    }

    /// <summary>Every convolution that an image of <see cref="CountedSize"/> goes through.</summary>
    internal abstract IEnumerable<ConvolutionShape> Convolutions { get; }
}

/// <summary>One convolution's work.</summary>
/// <param name="Side">Of the square that comes out, pixels.</param>
internal readonly record struct ConvolutionShape(int Side, int Kernel, int Inputs, int Outputs, int Groups = 1)
{
    public double MultiplyAdds => (double)Side * Side * Kernel * Kernel * Inputs / Groups * Outputs;
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

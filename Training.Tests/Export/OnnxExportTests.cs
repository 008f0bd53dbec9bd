using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using Training.Core.Backbones;
using Training.Core.Export;
using Training.Core.Formats;
using Training.Core.Recipes;
using Training.Tests.TestKit;
using static TorchSharp.torch;
using Tensor = TorchSharp.torch.Tensor;

namespace Training.Tests.Export;

[Collection(GlobalTorchState.Name)]
public sealed class OnnxExportTests : IDisposable
{
    private const int Side = 64;
    private static readonly string[] Classes = ["cats", "dogs", "개, \"quoted\""];

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("resnet18-builtin")]
    [InlineData("resnet50")]
    [InlineData("resnext50_32x4d")]
    [InlineData("mobilenet_v2")]
    [InlineData("mobilenet_v3_small")]
    [InlineData("efficientnet_b0")]
    public void Save_EveryKindOfNetwork_ComputesInOnnxRuntimeWhatItComputesHere(string backbone)
    {
        using var scope = NewDisposeScope();
        using var network = Network(backbone);
        var path = _folder.In("model.onnx");
        OnnxExport.Save(network, Description(backbone), path);
        using var session = new InferenceSession(path);
        foreach (var count in new[] { 5, 1 })
        {
            var images = randn(count, 3, Side, Side);
            using var outputs = Run(session, images);

            AssertClose(network.Features(images), outputs.Single(output => output.Name == OnnxNames.Features));
            AssertClose(network.call(images), outputs.Single(output => output.Name == OnnxNames.Logits));
            var activations = outputs.Single(output => output.Name == OnnxNames.Activations).AsTensor<float>();
            Assert.Equal(4, activations.Rank);
            Assert.Equal([count, 2, 2], [activations.Dimensions[0], activations.Dimensions[2], activations.Dimensions[3]]);
        }
    }

    [Fact]
    public void Save_Metadata_SaysHowToPrepareImagesAndWhatTheOutputsMean()
    {
        using var network = Network("resnet18-builtin");
        OnnxExport.Save(network, Description("resnet18-builtin"), _folder.In("model.onnx"));

        using var session = new InferenceSession(_folder.In("model.onnx"));

        var metadata = session.ModelMetadata.CustomMetadataMap;
        Assert.Equal(Classes, System.Text.Json.JsonSerializer.Deserialize<string[]>(metadata["classes"]));
        Assert.Equal(("64", "squash", "RGB"), (metadata["imageSize"], metadata["resize"], metadata["colours"]));
        Assert.Equal(("0.485,0.456,0.406", "0.229,0.224,0.225"), (metadata["mean"], metadata["deviation"]));
        Assert.Equal("FineTuneDashboard", session.ModelMetadata.ProducerName);
        Assert.Equal(-1, session.InputMetadata[OnnxNames.Images].Dimensions[0]);
    }

    [Fact]
    public void Save_ChannelsLastNetwork_WritesTheSameFile()
    {
        using var network = Network("resnet18-builtin");
        OnnxExport.Save(network, Description("resnet18-builtin"), _folder.In("a.onnx"));
        network.UseChannelsLast();
        OnnxExport.Save(network, Description("resnet18-builtin"), _folder.In("b.onnx"));

        Assert.Equal(File.ReadAllBytes(_folder.In("a.onnx")), File.ReadAllBytes(_folder.In("b.onnx")));
    }

    /// <summary>Random weights, with norms that do something.</summary>
    private static ImageClassifier Network(string backbone)
    {
        manual_seed(7);
        var network = PretrainedWeights.Create(BackboneCatalog.Get(backbone), Classes.Length);
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        foreach (var (name, tensor) in network.StateDict())
        {
            if (name.EndsWith("running_mean", StringComparison.Ordinal)) tensor.normal_(0, 0.1);
            else if (name.EndsWith("running_var", StringComparison.Ordinal)) tensor.uniform_(0.5, 1.5);
            else if (tensor.dim() == 1 && tensor.is_floating_point()) tensor.add_(randn_like(tensor) * 0.1);
        }
        network.SetTraining(false, freezeBatchNorm: false);
        return network;
    }

    private static ModelDescription Description(string backbone) => ModelDescription.Of(
        BackboneCatalog.Get(backbone), Classes, new Recipe { Dataset = "none", ImageSize = Side, Resize = ResizeKind.Squash });

    private static IDisposableReadOnlyCollection<DisposableNamedOnnxValue> Run(InferenceSession session, Tensor images) => session.Run(
        [NamedOnnxValue.CreateFromTensor(OnnxNames.Images,
            new DenseTensor<float>(images.data<float>().ToArray(), [.. images.shape.Select(size => (int)size)]))]);

    /// <summary>To 1e-4 of the largest number.</summary>
    private static void AssertClose(Tensor expected, DisposableNamedOnnxValue actual)
    {
        var numbers = expected.detach().data<float>().ToArray();
        var others = actual.AsEnumerable<float>().ToArray();
        Assert.Equal(numbers.Length, others.Length);
        var worst = numbers.Zip(others).Max(pair => Math.Abs(pair.First - pair.Second));
        Assert.InRange(worst, 0, 1e-4 * numbers.Max(Math.Abs));
    }
}

using Training.Core.Backbones;
using Training.Core.Formats;
using Training.Tests.TestKit;

namespace Training.Tests.Formats;

public sealed class OnnxFileTests : IDisposable
{
    private static readonly string BuiltIn = Path.Combine(OnnxWeights.Folder, "ResNet18.onnx");

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Weights_OfTheBuiltInFile_AreThoseOfTheWholeParse()
    {
        var graph = Onnx.ModelProto.Parser.ParseFrom(File.ReadAllBytes(BuiltIn)).Graph;

        using var file = new OnnxFile(BuiltIn);

        Assert.Equal(graph.Node.Select(node => node.OpType), file.Nodes.Select(node => node.OpType));
        Assert.Equal(graph.Initializer.Select(weight => weight.Name).Order(), file.WeightNames.Order());
        foreach (var weight in graph.Initializer)
        {
            Assert.True(file.TryGetShape(weight.Name, out var shape));
            Assert.Equal(weight.Dims, shape);
            Assert.True(file.Weights(weight.Name).SequenceEqual(weight.FloatData.ToArray()));
        }
    }

    [Fact]
    public void TryGetShape_OfUnknownWeights_IsFalse()
    {
        using var file = new OnnxFile(BuiltIn);

        Assert.False(file.TryGetShape("no such weights", out _));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(10)]
    [InlineData(1_000_000)]
    public void Open_OfACutFile_SaysSo(int length)
    {
        File.WriteAllBytes(_folder.In("cut.onnx"), File.ReadAllBytes(BuiltIn)[..length]);

        Assert.Throws<InvalidDataException>(() => new OnnxFile(_folder.In("cut.onnx")));
    }

    [Fact]
    public void Open_OfSomethingElse_SaysSo()
    {
        File.WriteAllText(_folder.In("text.onnx"), "This is a letter, not a network.");

        Assert.Throws<InvalidDataException>(() => new OnnxFile(_folder.In("text.onnx")));
    }
}

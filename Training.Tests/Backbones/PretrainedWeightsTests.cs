using System.Security.Cryptography;
using TorchSharp.PyBridge;
using Training.Core.Backbones;
using Training.Core.Export;
using Training.Tests.TestKit;

namespace Training.Tests.Backbones;

[Collection(GlobalTorchState.Name)]
public sealed class PretrainedWeightsTests : IDisposable
{
    private static readonly ResNetSpec Small = DisposableNetworks.Small with
    {
        Name = "tiny",
        Title = "Tiny ResNet",
        Weights = new WeightsSource("tiny-00000000.pth", new Uri("https://example.org/tiny-00000000.pth"), "00000000"),
    };

    private readonly TemporaryFolder _folder = new();
    private readonly DisposableNetworks _networks = new();

    [Fact]
    public void LoadInto_FromAPlainPth_TakesAllButTheHead()
    {
        var source = _networks.Create(Small, classes: 1000);
        TorchExport.SavePth(source, _folder.In("tiny.pth"));

        AssertLoads(source);
    }

    [Fact]
    public void LoadInto_FromAFileWithTorchvisionsName_VerifiesItsChecksum()
    {
        var source = _networks.Create(Small, classes: 1000);
        TorchExport.SavePth(source, _folder.In("new.pth"));
        var hash = Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(_folder.In("new.pth"))));
        File.Move(_folder.In("new.pth"), _folder.In($"tiny-{hash[..8]}.pth"));

        AssertLoads(source);
    }

    [Fact]
    public void LoadInto_FromSafetensors_TakesAllButTheHead()
    {
        var source = _networks.Create(Small, classes: 1000);
        source.save_safetensors(_folder.In("tiny.safetensors"));

        AssertLoads(source);
    }

    [Fact]
    public void LoadInto_WithAnotherChecksum_SaysThatTheFileIsDamaged()
    {
        File.WriteAllText(_folder.In("tiny-00000000.pth"), "half a download");

        var error = Assert.Throws<WeightsException>(Load);

        Assert.Contains(_folder.In("tiny-00000000.pth"), error.Message, StringComparison.Ordinal);
        Assert.Contains("instead of 00000000, so it is damaged or incomplete; download it again", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void LoadInto_WithoutAFile_SaysWhatToPutWhere()
    {
        var error = Assert.Throws<WeightsException>(Load);

        Assert.Equal(
            $"The weights of Tiny ResNet are not on this machine. Put tiny-00000000.pth into {_folder.Path} " +
            "(from https://example.org/tiny-00000000.pth), or choose the built-in backbone.",
            error.Message);
    }

    [Theory]
    [InlineData("pth")]
    [InlineData("safetensors")]
    public void LoadInto_FromATruncatedFile_SaysThatItIsDamaged(string format)
    {
        var path = _folder.In($"tiny.{format}");
        var source = _networks.Create(Small);
        if (format == "pth") TorchExport.SavePth(source, path);
        else source.save_safetensors(path);
        using (var file = File.OpenWrite(path)) file.SetLength(file.Length / 2);

        var error = Assert.Throws<WeightsException>(Load);

        Assert.Contains($"{path} can't be used: it is damaged or incomplete", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void LoadInto_FromSafetensorsWithAnEndlessHeader_SaysThatItIsDamaged()
    {
        File.WriteAllBytes(_folder.In("tiny.safetensors"), [0xff, 0xff, 0xff, 0x7f, 0, 0, 0, 0, (byte)'{', (byte)'}']);

        Assert.Contains("header is longer than the file", Assert.Throws<WeightsException>(Load).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void LoadInto_FromTheFormatBeforePyTorch16_SaysHowToConvertIt()
    {
        File.WriteAllBytes(_folder.In("tiny.pth"), [0x80, 0x02, 0x8a, 0x0a, 0x6c, 0xfc]);

        Assert.Contains("save it again with torch.save", Assert.Throws<WeightsException>(Load).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void LoadInto_FromAnotherNetwork_NamesTheFirstDifference()
    {
        TorchExport.SavePth(_networks.Create(Small with { Blocks = [1, 1, 1, 2] }), _folder.In("tiny.pth"));

        Assert.Contains("it has 'layer4.1.bn1.bias', which this network lacks", Assert.Throws<WeightsException>(Load).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void IsAvailable_BeforeAndAfterTheFileIsThere_SaysWhatToDo()
    {
        Assert.False(PretrainedWeights.IsAvailable(Small, _folder.Path, out var whatToDo));
        Assert.Contains("Put tiny-00000000.pth into", whatToDo, StringComparison.Ordinal);
        Assert.False(PretrainedWeights.IsAvailable(Small, weightsFolder: null, out _));

        File.WriteAllText(_folder.In("tiny-00000000.pth"), "");

        Assert.True(PretrainedWeights.IsAvailable(Small, _folder.Path, out whatToDo));
        Assert.Equal("", whatToDo);
    }

    [Fact]
    public void IsAvailable_OfTheBuiltInBackbone_NeedsNoFolder() =>
        Assert.True(PretrainedWeights.IsAvailable(BackboneCatalog.Get(BackboneCatalog.BuiltIn), weightsFolder: null, out _));

    [Fact]
    public void BuiltInWeights_Damaged_AreRefused()
    {
        var spec = BackboneCatalog.Get(BackboneCatalog.BuiltIn);
        var network = _networks.Create(spec);
        Assert.Contains("missing", Assert.Throws<WeightsException>(() => OnnxWeights.LoadInto(network, spec, _folder.Path)).Message,
            StringComparison.Ordinal);

        File.WriteAllText(_folder.In("ResNet18.onnx"), "cut off");

        Assert.Contains("damaged: its checksum differs",
            Assert.Throws<WeightsException>(() => OnnxWeights.LoadInto(network, spec, _folder.Path)).Message, StringComparison.Ordinal);
    }

    public void Dispose()
    {
        _networks.Dispose();
        _folder.Dispose();
    }

    private void AssertLoads(ImageClassifier source)
    {
        var network = _networks.Create(Small, classes: 3);
        using var head = network.HeadParameters[0].detach().clone();

        PretrainedWeights.LoadInto(network, Small, _folder.Path);

        Assert.True(head.Equals(network.HeadParameters[0]));
        Assert.All(network.BackboneParameters.Zip(source.BackboneParameters), pair => Assert.True(pair.First.Equals(pair.Second)));
    }

    private void Load() => PretrainedWeights.LoadInto(_networks.Create(Small), Small, _folder.Path);
}

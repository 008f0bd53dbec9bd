using System.IO.Compression;
using Training.Core.Backbones;
using Training.Core.Export;
using Training.Tests.Backbones;
using Training.Tests.TestKit;
using static TorchSharp.torch;

namespace Training.Tests.Export;

public sealed class TorchExportTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly DisposableNetworks _networks = new();

    private string ModelPath => _folder.In("best_model.pth");

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void LoadPth_OfASavedNetwork_GivesEveryTensorBack(bool channelsLast)
    {
        var saved = _networks.CreateSmall();
        if (channelsLast) saved.UseChannelsLast();
        using (var scope = NewDisposeScope()) saved.call(saved.Prepare(randn(4, 3, 32, 32), ScalarType.Float32));
        TorchExport.SavePth(saved, ModelPath);
        var loaded = _networks.CreateSmall();

        TorchExport.LoadPth(loaded, ModelPath);

        Assert.All(loaded.StateDict(), entry => Assert.True(entry.Value.Equals(saved.StateDict()[entry.Key]), entry.Key));
        Assert.Equal([ModelPath], Directory.GetFiles(_folder.Path));
    }

    [Fact]
    public void LoadPth_IntoAChannelsLastNetwork_KeepsItsLayout()
    {
        var network = _networks.CreateSmall();
        TorchExport.SavePth(network, ModelPath);

        network.UseChannelsLast();
        TorchExport.LoadPth(network, ModelPath);

        Assert.Equal(1, network.StateDict()["layer1.0.conv1.weight"].stride(1));
    }

    [Fact]
    public void SavePth_OfWeights_StoresThemUncompressed()
    {
        TorchExport.SavePth(_networks.CreateSmall(), ModelPath);

        using var archive = ZipFile.OpenRead(ModelPath);
        Assert.All(archive.Entries, entry => Assert.Equal(entry.Length, entry.CompressedLength));
    }

    [Theory]
    [InlineData("")]
    [InlineData("not a model")]
    [InlineData("PK\u0003\u0004 and then nothing of a zip")]
    public void LoadPth_OfAFileThatIsNoModel_NamesTheFile(string content)
    {
        File.WriteAllText(ModelPath, content);

        AssertRefused(_networks.CreateSmall(), ModelPath);
    }

    [Theory]
    [InlineData(0.1)]
    [InlineData(0.5)]
    [InlineData(0.999)]
    public void LoadPth_OfATruncatedFile_LeavesTheNetworkAsItWas(double part)
    {
        var network = _networks.CreateSmall();
        TorchExport.SavePth(_networks.CreateSmall(), ModelPath);
        using (var file = File.OpenWrite(ModelPath)) file.SetLength((long)(file.Length * part));
        using var before = network.BackboneParameters[0].detach().clone();

        AssertRefused(network, "damaged or incomplete");

        Assert.True(before.Equals(network.BackboneParameters[0]));
    }

    [Fact]
    public void LoadPth_WithoutAFile_NamesIt() => AssertRefused(_networks.CreateSmall(), $"There is no file {ModelPath}");

    [Fact]
    public void LoadPth_OfAModelWithOtherClasses_NamesTheFirstDifference()
    {
        TorchExport.SavePth(_networks.CreateSmall(classes: 5), ModelPath);

        AssertRefused(_networks.CreateSmall(classes: 2), "'fc.weight' has the shape [5, 512] instead of [2, 512]");
    }

    [Fact]
    public void LoadPth_OfAModelWithFewerBlocks_NamesTheFirstMissing()
    {
        TorchExport.SavePth(_networks.CreateSmall(), ModelPath);

        AssertRefused(_networks.Create(DisposableNetworks.Small with { Blocks = [1, 2, 1, 1] }), "it lacks 'layer2.1.conv1.weight'");
    }

    [Fact]
    public void LoadPth_OfAModelWithMoreBlocks_NamesTheFirstUnknown()
    {
        TorchExport.SavePth(_networks.Create(DisposableNetworks.Small with { Blocks = [1, 2, 1, 1] }), ModelPath);

        AssertRefused(_networks.CreateSmall(), "it has 'layer2.1.bn1.bias', which this network lacks");
    }

    [Fact]
    public void SavePth_WhereItCannotWrite_LeavesTheFormerFile()
    {
        TorchExport.SavePth(_networks.CreateSmall(), ModelPath);
        var before = File.ReadAllBytes(ModelPath);
        // A folder under the temporary name: the write fails as on a full disk, for root too.
        Directory.CreateDirectory(ModelPath + ".part");

        Assert.ThrowsAny<Exception>(() => TorchExport.SavePth(_networks.CreateSmall(), ModelPath));

        Assert.Equal(before, File.ReadAllBytes(ModelPath));
    }

    public void Dispose()
    {
        _networks.Dispose();
        _folder.Dispose();
    }

    private void AssertRefused(ImageClassifier network, string expected)
    {
        var error = Assert.Throws<WeightsException>(() => TorchExport.LoadPth(network, ModelPath));
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
    }
}

using System.Diagnostics;
using System.Runtime.InteropServices;
using Training.Core.Backbones;
using Training.Core.Export;
using Training.Tests.Backbones;
using Training.Tests.TestKit;
using static TorchSharp.torch;

namespace Training.Tests.Export;

/// <summary>Files go both ways between us and a real PyTorch with torchvision (Debian's python3-torch and python3-torchvision).</summary>
[Collection(GlobalTorchState.Name)]
public sealed class TorchvisionTests : IDisposable
{
    private const string Python = "/usr/bin/python3";

    /// <summary>Asked once: PyTorch takes seconds to load.</summary>
    private static readonly Lazy<Task<string>> Trial = new(() => Exits(["-c", "import torch, torchvision, numpy"]));

    private readonly TemporaryFolder _folder = new();
    private readonly DisposableNetworks _networks = new();

    [SkippableTheory]
    [InlineData(BackboneCatalog.BuiltIn, true)]
    [InlineData(BackboneCatalog.BuiltIn, false)]
    [InlineData("resnext50_32x4d", false)]
    public async Task SavePth_LoadedByTorchvision_GivesTheSameLogits(string backbone, bool channelsLast)
    {
        var spec = BackboneCatalog.Get(backbone);
        var network = _networks.Create(spec, classes: 3);
        if (spec.Weights.IsBuiltIn) PretrainedWeights.LoadInto(network, spec, weightsFolder: null);
        if (channelsLast) network.UseChannelsLast();
        var images = Images();
        TorchExport.SavePth(network, _folder.In("model.pth"));

        var theirs = await RunTorchvision("read", spec.TorchvisionConstruction(3), images);

        AssertClose(theirs, Logits(network, images), 1e-3f);
        Assert.Equal(await File.ReadAllLinesAsync(_folder.In("names")), Names(network));
    }

    [SkippableTheory]
    [InlineData("resnet18")]
    [InlineData("resnet50")]
    [InlineData("wide_resnet50_2")]
    public async Task LoadPth_OfAFileOfTorchvision_GivesTheSameLogits(string backbone)
    {
        var spec = BackboneCatalog.Get(backbone);
        var network = _networks.Create(spec, classes: 3);
        var images = Images();

        var theirs = await RunTorchvision("write", spec.TorchvisionConstruction(3), images);
        TorchExport.LoadPth(network, _folder.In("model.pth"));

        AssertClose(theirs, Logits(network, images), 1e-4f);
    }

    public void Dispose()
    {
        _networks.Dispose();
        _folder.Dispose();
    }

    private async Task<float[]> RunTorchvision(string mode, string construction, float[] images)
    {
        Skip.IfNot(await Trial.Value == "",
            $"{Python} has no PyTorch and torchvision (apt-get install python3-torch python3-torchvision).");
        await File.WriteAllBytesAsync(_folder.In("images"), MemoryMarshal.AsBytes<float>(images).ToArray());
        var script = Path.Combine(AppContext.BaseDirectory, "Export", "torch_reference.py");
        Assert.Equal("", await Exits(
            [script, mode, _folder.In("model.pth"), construction, _folder.In("images"), _folder.In("logits"), _folder.In("names")]));
        return MemoryMarshal.Cast<byte, float>(await File.ReadAllBytesAsync(_folder.In("logits"))).ToArray();
    }

    /// <summary>Nothing when Python exits with 0, or else what it said.</summary>
    private static async Task<string> Exits(string[] arguments)
    {
        if (!File.Exists(Python)) return $"There is no {Python}.";
        using var process = Process.Start(new ProcessStartInfo(Python, arguments) { RedirectStandardError = true })!;
        var said = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        return process.ExitCode == 0 ? "" : $"exit code {process.ExitCode}: {said}";
    }

    private static float[] Images()
    {
        var waves = OnnxReference.Normalise(NetworkInputs.Waves());
        return [.. waves.AsSpan(0, 2 * 3 * 64 * 64)];
    }

    private static float[] Logits(ImageClassifier network, float[] images)
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        network.SetTraining(training: false, freezeBatchNorm: false);
        return network.call(network.Prepare(tensor(images).reshape(2, 3, 64, 64), ScalarType.Float32)).data<float>().ToArray();
    }

    private static IEnumerable<string> Names(ImageClassifier network) => network.StateDict().Select(entry =>
        $"{entry.Key} [{string.Join(", ", entry.Value.shape)}] torch.{(entry.Value.dtype == ScalarType.Float32 ? "float32" : "int64")}");

    private static void AssertClose(float[] expected, float[] actual, float tolerance)
    {
        Assert.Equal(expected.Length, actual.Length);
        Assert.All(expected.Zip(actual), pair => Assert.Equal(pair.First, pair.Second, tolerance));
    }
}

using System.Diagnostics;
using System.Runtime.InteropServices;
using Training.Core.Backbones;
using Training.Core.Export;
using Training.Tests.TestKit;
using static TorchSharp.torch;

namespace Training.Tests.Backbones;

/// <summary>MobileNets and EfficientNet against a real torchvision, files going both ways (Debian's python3-torchvision).</summary>
[Collection(GlobalTorchState.Name)]
public sealed class MobileTorchvisionTests : IDisposable
{
    private const string Python = "/usr/bin/python3";
    private static readonly string[] Names = ["mobilenet_v2", "mobilenet_v3_small", "mobilenet_v3_large", "efficientnet_b0"];

    private readonly TemporaryFolder _folder = new();
    private readonly DisposableNetworks _networks = new();

    [SkippableFact]
    public async Task StateDicts_OfEitherSide_GiveTheSameLogitsOnTheOther()
    {
        Skip.IfNot(File.Exists(Python), $"There is no {Python}.");
        var networks = Names.ToDictionary(name => name, name => _networks.Create(BackboneCatalog.Get(name), classes: 3));
        foreach (var (name, network) in networks)
        {
            Disturb(network);
            TorchExport.SavePth(network, _folder.In($"{name}.ours.pth"));
        }
        await File.WriteAllBytesAsync(_folder.In("images"), MemoryMarshal.AsBytes<float>(Images()).ToArray());
        await File.WriteAllLinesAsync(_folder.In("networks"),
            Names.Select(name => $"{name} {BackboneCatalog.Get(name).TorchvisionConstruction(3)}"));

        await RunPython();

        Assert.All(networks, entry =>
        {
            var (name, network) = entry;
            Assert.Equal(File.ReadAllLines(_folder.In($"{name}.names")), StateNames(network));
            AssertClose(Read($"{name}.ours.logits"), Logits(network));
            TorchExport.LoadPth(network, _folder.In($"{name}.pth"));
            AssertClose(Read($"{name}.logits"), Logits(network));
            network.UseChannelsLast();
            AssertClose(Read($"{name}.logits"), Logits(network));
        });
    }

    public void Dispose()
    {
        _networks.Dispose();
        _folder.Dispose();
    }

    private async Task RunPython()
    {
        var script = Path.Combine(AppContext.BaseDirectory, "Backbones", "mobile_reference.py");
        using var process = Process.Start(new ProcessStartInfo(Python, [script, _folder.Path]) { RedirectStandardError = true })!;
        var said = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        Skip.If(said.Contains("No module named", StringComparison.Ordinal),
            "PyTorch and torchvision are missing (apt-get install python3-torch python3-torchvision).");
        Assert.True(process.ExitCode == 0, said);
    }

    private float[] Read(string name) => MemoryMarshal.Cast<byte, float>(File.ReadAllBytes(_folder.In(name))).ToArray();

    private static float[] Images() => [.. OnnxReference.Normalise(NetworkInputs.Waves()).AsSpan(0, 2 * 3 * 64 * 64)];

    // Statistics and biases as a training leaves them; fresh ones are zeros and ones, which hide an exchange.
    private static void Disturb(ImageClassifier network)
    {
        using var noGradient = no_grad();
        foreach (var (name, tensor) in network.StateDict())
        {
            if (name.EndsWith("running_var", StringComparison.Ordinal)) tensor.uniform_(0.5, 1.5);
            else if (tensor.dim() == 1 && tensor.is_floating_point()) tensor.add_(rand_like(tensor) - 0.5, 0.4);
        }
    }

    private static float[] Logits(ImageClassifier network)
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        network.SetTraining(training: false, freezeBatchNorm: false);
        return network.call(network.Prepare(tensor(Images()).reshape(2, 3, 64, 64), ScalarType.Float32)).data<float>().ToArray();
    }

    private static IEnumerable<string> StateNames(ImageClassifier network) => network.StateDict().Select(entry =>
        $"{entry.Key} [{string.Join(", ", entry.Value.shape)}] torch.{(entry.Value.dtype == ScalarType.Float32 ? "float32" : "int64")}");

    private static void AssertClose(float[] expected, float[] actual)
    {
        Assert.Equal(6, expected.Length);
        Assert.True(expected.Max() - expected.Min() > 0.05, $"Logits that say nothing: {string.Join(", ", expected)}");
        Assert.All(expected.Zip(actual), pair => Assert.Equal(pair.First, pair.Second, 1e-4f));
    }
}

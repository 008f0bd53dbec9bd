using Training.Core.Backbones;
using Training.Core.Formats;
using Training.Core.Runs;
using static TorchSharp.torch;

namespace Training.Core.Export;

/// <summary>State dicts that PyTorch reads and writes.</summary>
public static class TorchExport
{
    /// <summary>
    /// Writes a plain state dict (a zip .pth) by temporary file and rename; weights are written as contiguous float32 of the CPU,
    /// whatever their layout and device.
    /// </summary>
    public static void SavePth(ImageClassifier network, string path) => SavePth(network.StateDict(), path);

    /// <summary>The same for a copy of a network's state, such as the best epoch's.</summary>
    public static void SavePth(IReadOnlyDictionary<string, Tensor> state, string path)
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        var plain = new OrderedDictionary<string, Tensor>(state.Select(entry => KeyValuePair.Create(entry.Key, Plain(entry.Value))));
        AtomicFile.Write(path, stream => PthWriter.Write(stream, plain));
    }

    /// <summary>The same state in the safetensors format, by temporary file and rename.</summary>
    public static void SaveSafetensors(ImageClassifier network, string path)
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        var plain = new OrderedDictionary<string, Tensor>(network.StateDict()
            .Select(entry => KeyValuePair.Create(entry.Key, Plain(entry.Value))));
        SafetensorsFile.Write(path, plain, new Dictionary<string, string> { ["format"] = "pt" });
    }

    /// <summary>Loads a state dict with exactly this network's names and shapes; layout and device of the network stay.</summary>
    /// <exception cref="WeightsException">Names or shapes differ, or the file is damaged; the message names the first
    /// difference.</exception>
    public static void LoadPth(ImageClassifier network, string path)
    {
        using var scope = NewDisposeScope();
        StateDictFile.Copy(StateDictFile.Read(path), network.StateDict(), path, optional: _ => false);
    }

    private static Tensor Plain(Tensor tensor)
    {
        var type = tensor.is_floating_point() ? ScalarType.Float32 : ScalarType.Int64;
        return tensor.detach().to(type).cpu().contiguous();
    }
}

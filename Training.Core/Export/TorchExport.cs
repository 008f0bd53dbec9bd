using TorchSharp.PyBridge;
using Training.Core.Backbones;
using Training.Core.Runs;
using static TorchSharp.torch;

namespace Training.Core.Export;

/// <summary>State dicts that PyTorch reads and writes.</summary>
public static class TorchExport // first version: backbones replaces it
{
    public static void SavePth(ImageClassifier network, string path)
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        var copy = PretrainedWeights.Create(((ResNet)network).Spec, network.ClassCount);
        var target = copy.StateDict();
        foreach (var (name, value) in network.StateDict()) target[name].copy_(value);
        AtomicFile.Write(path, stream => copy.save_py(stream, leaveOpen: true));
    }

    public static void LoadPth(ImageClassifier network, string path) => network.load_py(path);
}

using Training.Core.Backbones;

namespace Training.Core.Export;

/// <summary>State dicts that PyTorch reads and writes.</summary>
public static class TorchExport
{
    /// <summary>Writes a plain state dict (a zip .pth) by temporary file and rename; weights are written contiguous, whatever their layout.</summary>
    public static void SavePth(ImageClassifier network, string path) => throw new NotImplementedException();

    /// <summary>Loads a state dict with exactly this network's names and shapes.</summary>
    /// <exception cref="WeightsException">Names or shapes differ, or the file is damaged; the message names the first difference.</exception>
    public static void LoadPth(ImageClassifier network, string path) => throw new NotImplementedException();
}

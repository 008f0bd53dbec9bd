using System.Globalization;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Training.Core.Formats;
using static TorchSharp.torch;

namespace Training.Core.Backbones;

/// <summary>
/// The built-in weights: an ImageNet ResNet written by CNTK, with BGR input of 0–255 minus a mean image, and no head.
/// Its strided convolutions pad (1,1,0,0) and the stem (3,3,2,2), which on even image sizes equals torchvision's symmetric padding.
/// </summary>
internal static class OnnxWeights
{
    private const string MeanFile = "ResNetPreprocess.onnx";

    public static string Folder { get; } = Path.Combine(AppContext.BaseDirectory, "weights");

    public static bool Exists(BackboneSpec spec) =>
        File.Exists(Path.Combine(Folder, spec.Weights.FileName)) && File.Exists(Path.Combine(Folder, MeanFile));

    public static string Missing(string path) => $"The built-in weights are missing: {path}. Install or build the program again.";

    /// <summary>Loads all but the head, for RGB input with the usual normalisation (<see cref="Normalisation"/>).</summary>
    /// <exception cref="WeightsException"/>
    public static void LoadInto(ImageClassifier network, BackboneSpec spec, string folder)
    {
        LoadUnfoldedInto(network, spec, folder);
        var mean = ChannelMeans(folder);
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        Fold(network.StateDict(), mean);
    }

    /// <summary>Loads all but the head as the file has it: for BGR input of 0–255 minus the mean image.</summary>
    /// <exception cref="WeightsException"/>
    public static void LoadUnfoldedInto(ImageClassifier network, BackboneSpec spec, string folder)
    {
        var path = Path.Combine(folder, spec.Weights.FileName);
        if (!File.Exists(path)) throw new WeightsException(Missing(path));
        // Beside the copying: it takes as long.
        var sum = Task.Run(() => Sha256Of(path));
        try
        {
            Copy(path, network);
        }
        catch (WeightsException) when (!IsAsPublished(sum, spec))
        {
            // Says the same in other words.
        }
        if (!IsAsPublished(sum, spec)) throw Damaged(path, "its checksum differs");
    }

    // The mean of each channel instead of the mean image: all that a convolution can take up. On photos the features move by 1.4–4.7 %
    // (relative L2) against the file's own preprocessing; against the file with the same means by 0.06 % at most.
    internal static double[] ChannelMeans(string folder)
    {
        var path = Path.Combine(folder, MeanFile);
        using var file = Open(path);
        var image = file.Weights(file.WeightNames.Single());
        var size = image.Length / 3;
        var means = new double[3];
        for (var at = 0; at < size * 3; at++) means[at / size] += image[at] / (double)size;
        return means;
    }

    private static OnnxFile Open(string path)
    {
        if (!File.Exists(path)) throw new WeightsException(Missing(path));
        try
        {
            return new OnnxFile(path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            throw Damaged(path, error.Message);
        }
    }

    private static string Sha256Of(string path)
    {
        using var file = File.OpenRead(path);
        return Convert.ToHexStringLower(SHA256.HashData(file));
    }

    private static bool IsAsPublished(Task<string> sum, BackboneSpec spec) =>
        sum.GetAwaiter().GetResult().StartsWith(spec.Weights.Sha256Prefix, StringComparison.Ordinal);

    private static void Copy(string path, ImageClassifier network)
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        using var file = Open(path);
        var state = network.StateDict();
        var targets = LayerNames(state).ToList();
        var nodes = file.Nodes.Where(node => node.OpType is "Conv" or "BatchNormalization").ToList();
        if (nodes.Count != targets.Count) throw Damaged(path, $"it has {nodes.Count} layers instead of {targets.Count}");
        foreach (var (node, target) in nodes.Zip(targets))
            foreach (var (name, input) in target.Zip(node.Input.Skip(1)))
                Copy(file, input, state[name], name, path);
    }

    /// <summary>Names of the network's tensors layer by layer, in the order of the graph, where a stage's projection comes first.</summary>
    private static IEnumerable<string[]> LayerNames(IReadOnlyDictionary<string, Tensor> state)
    {
        static string[] Convolution(string name) => [$"{name}.weight"];
        static string[] Norm(string name) => [$"{name}.weight", $"{name}.bias", $"{name}.running_mean", $"{name}.running_var"];

        yield return Convolution("conv1");
        yield return Norm("bn1");
        static string Block(int stage, int block) => string.Create(CultureInfo.InvariantCulture, $"layer{stage}.{block}");
        for (var stage = 1; state.ContainsKey($"{Block(stage, 0)}.conv1.weight"); stage++)
            for (var block = 0; state.ContainsKey($"{Block(stage, block)}.conv1.weight"); block++)
            {
                var prefix = Block(stage, block);
                if (state.ContainsKey($"{prefix}.downsample.0.weight"))
                {
                    yield return Convolution($"{prefix}.downsample.0");
                    yield return Norm($"{prefix}.downsample.1");
                }
                foreach (var index in new[] { "1", "2" })
                {
                    yield return Convolution($"{prefix}.conv{index}");
                    yield return Norm($"{prefix}.bn{index}");
                }
            }
    }

    private static void Copy(OnnxFile file, string input, Tensor target, string name, string path)
    {
        if (!file.TryGetShape(input, out var shape) || !shape.SequenceEqual(target.shape) || file.Weights(input).Length != target.numel())
            throw Damaged(path, $"the weights of {name} don't fit");
        file.Weights(input).CopyTo(MemoryMarshal.Cast<byte, float>(target.bytes));
    }

    // y = 255 (x s + m) - mean for RGB x with mean m and deviation s; the constant part leaves through the first norm's running mean.
    // Exact but for the zero padding of the border, which now stands for the usual mean instead of the file's (0.5 of 255).
    private static void Fold(IReadOnlyDictionary<string, Tensor> state, double[] bgrMean)
    {
        var weight = state["conv1.weight"];
        var rgb = weight.flip(1);
        var offsets = tensor(Enumerable.Range(0, 3).Select(c => 255f * Normalisation.Mean[c] - (float)bgrMean[2 - c]).ToArray());
        var scales = tensor(Normalisation.Deviation.Select(deviation => 255 * deviation).ToArray());
        var constant = rgb.sum([2, 3]).matmul(offsets.to(weight.device));
        state["bn1.running_mean"].sub_(constant);
        weight.copy_(rgb * scales.to(weight.device).view(1, 3, 1, 1));
    }

    private static WeightsException Damaged(string path, string why) =>
        new($"The built-in weights in {path} are damaged: {why}. Install or build the program again.");
}

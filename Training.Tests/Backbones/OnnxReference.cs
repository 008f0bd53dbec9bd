using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using Training.Core.Backbones;

namespace Training.Tests.Backbones;

/// <summary>The built-in ONNX file and its preprocessing, run by ONNX Runtime: the truth for our network.</summary>
internal sealed class OnnxReference : IDisposable
{
    public const int Size = 224;

    private readonly InferenceSession _preprocess = new(Path.Combine(OnnxWeights.Folder, "ResNetPreprocess.onnx"));
    private readonly InferenceSession _network = new(Path.Combine(OnnxWeights.Folder, "ResNet18.onnx"));

    /// <summary>The file's own input: BGR of 0–255 minus the mean image, channels first.</summary>
    /// <param name="rgb">Rows first, 224 x 224 x 3.</param>
    public float[] Preprocess(byte[] rgb) => Run(_preprocess, ChannelsFirst(rgb, (value, _) => value));

    /// <summary>The same with the mean of each channel instead of the mean image: what a convolution can take up.</summary>
    public static float[] SubtractMeans(byte[] rgb, double[] bgrMeans)
    {
        var input = ChannelsFirst(rgb, (value, channel) => value - (float)bgrMeans[2 - channel]);
        var plane = input.Length / 3;
        return [.. input[(2 * plane)..], .. input[plane..(2 * plane)], .. input[..plane]];
    }

    /// <summary>512 features of <see cref="Preprocess"/>'s output.</summary>
    public float[] Features(float[] input) => Run(_network, input);

    /// <summary>What our networks take: RGB with the usual normalisation, channels first.</summary>
    public static float[] Normalise(byte[] rgb) =>
        ChannelsFirst(rgb, (value, channel) => (value / 255f - Normalisation.Mean[channel]) / Normalisation.Deviation[channel]);

    public void Dispose()
    {
        _preprocess.Dispose();
        _network.Dispose();
    }

    private static float[] Run(InferenceSession session, float[] input)
    {
        var tensor = new DenseTensor<float>(input, [1, 3, Size, Size]);
        using var results = session.Run([NamedOnnxValue.CreateFromTensor(session.InputMetadata.Keys.Single(), tensor)]);
        return [.. results[0].AsEnumerable<float>()];
    }

    private static float[] ChannelsFirst(byte[] rgb, Func<byte, int, float> convert)
    {
        var plane = Size * Size;
        var result = new float[3 * plane];
        for (var pixel = 0; pixel < plane; pixel++)
            for (var channel = 0; channel < 3; channel++)
                result[channel * plane + pixel] = convert(rgb[3 * pixel + channel], channel);
        return result;
    }
}

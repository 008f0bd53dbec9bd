using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using Training.Core.Formats;
using Training.Core.Images;
using Training.Core.Metrics;
using Training.Core.Runs;

namespace Training.Core.Export;

/// <summary>A model.onnx of <see cref="OnnxExport"/>, run by ONNX Runtime: needs no libtorch. Thread-safe.</summary>
public sealed class OnnxModel : IDisposable
{
    private readonly InferenceSession _session;
    private readonly Lazy<float[]> _head;
    private readonly float[] _mean;
    private readonly float[] _deviation;

    /// <param name="threads">That one call computes with; 0: all cores.</param>
    /// <exception cref="FileNotFoundException">The message names the file.</exception>
    /// <exception cref="InvalidDataException">Not such a model; the message names the file and what is wrong.</exception>
    public OnnxModel(string path, int threads = 0)
    {
        _head = new Lazy<float[]>(() => HeadOf(path));
        if (!File.Exists(path)) throw new FileNotFoundException($"{path} is missing.", path);
        try
        {
            using var options = new SessionOptions { IntraOpNumThreads = threads,
                LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR };
            _session = new InferenceSession(path, options);
            var metadata = _session.ModelMetadata.CustomMetadataMap;
            Classes = JsonSerializer.Deserialize<string[]>(metadata["classes"], CoreJson.Options)!;
            ImageSize = int.Parse(metadata["imageSize"], CultureInfo.InvariantCulture);
            Resize = Enum.Parse<ResizeKind>(metadata["resize"], ignoreCase: true);
            // Models of earlier versions don't say.
            FullDecode = metadata.GetValueOrDefault("decode") == OnnxNames.FullDecode;
            (_mean, _deviation) = (Numbers(metadata["mean"]), Numbers(metadata["deviation"]));
        }
        catch (Exception error)
            when (error is OnnxRuntimeException or KeyNotFoundException or JsonException or FormatException or ArgumentException)
        {
            _session?.Dispose();
            throw new InvalidDataException($"{path} is no model of this program, or damaged: {error.Message.Split('\n')[0]}", error);
        }
    }

    /// <summary>In the order of the outputs.</summary>
    public IReadOnlyList<string> Classes { get; }

    /// <summary>Side of the squares that it takes, in pixels.</summary>
    public int ImageSize { get; }

    public ResizeKind Resize { get; }

    /// <summary>Whether it was trained on JPEGs decoded in full.</summary>
    public bool FullDecode { get; }

    /// <summary>Bytes of one square.</summary>
    public int SquareBytes => ImageSize * ImageSize * 3;

    /// <summary>Decodes an image file to the square that the model takes.</summary>
    /// <param name="rgb">At least <see cref="SquareBytes"/>.</param>
    /// <exception cref="ImageException">Not an image, or damaged; the message says which.</exception>
    /// <exception cref="IOException">The file is gone or can't be read.</exception>
    /// <exception cref="OperationCanceledException">By <paramref name="cancellationToken"/>, while other images take all memory that
    /// decoding may.</exception>
    public void Prepare(string path, Span<byte> rgb, FolderFence? fence = null, CancellationToken cancellationToken = default) =>
        ImageDecoder.DecodeSquare(path, ImageSize, Resize, crop: null, rgb[..SquareBytes], fence, FullDecode, cancellationToken);

    /// <param name="squares">Bytes (count, size, size, 3), RGB.</param>
    /// <param name="withMap">Whether the last feature maps are wanted too.</param>
    public ModelOutput Run(ReadOnlySpan<byte> squares, int count, bool withMap = false)
    {
        var input = NamedOnnxValue.CreateFromTensor(OnnxNames.Images, Normalised(squares, count));
        using var outputs = _session.Run([input], withMap ? [OnnxNames.Logits, OnnxNames.Activations] : [OnnxNames.Logits]);
        var map = withMap ? outputs[1].AsTensor<float>() : null;
        return new ModelOutput(
            Classes.Count, [.. outputs[0].AsEnumerable<float>()], map is null ? null : [.. map], map is null
            ? [] : map.Dimensions.ToArray());
    }

    /// <summary>
    /// How much each place of the last feature map speaks for a class: the class activation map (Zhou et al. 2016), whose mean is the
    /// logit.
    /// </summary>
    /// <param name="output">Of <see cref="Run"/> with maps.</param>
    /// <returns>(h, w); null for a network with a layer between pooling and head.</returns>
    public float[,]? ClassMap(ModelOutput output, int image, int label)
    {
        var (channels, height, width) = (output.MapShape[1], output.MapShape[2], output.MapShape[3]);
        var weights = _head.Value;
        if (weights.Length != channels * Classes.Count) return null;
        var map = new float[height, width];
        for (var channel = 0; channel < channels; channel++)
            for (var y = 0; y < height; y++)
                for (var x = 0; x < width; x++)
                    map[y, x] += weights[label * channels + channel] * output.Maps![((image * channels + channel) * height + y) * width
                        + x];
        return map;
    }

    public void Dispose() => _session.Dispose();

    /// <summary>
    /// Weights (classes, width) of the layer that gives the logits. ONNX Runtime doesn't hand out weights, so the file is read again.
    /// </summary>
    private static float[] HeadOf(string path)
    {
        using var stream = File.OpenRead(path);
        var graph = Onnx.ModelProto.Parser.ParseFrom(stream).Graph;
        var name = graph.Node.Last(node => node.OpType == "Gemm").Input[1];
        return MemoryMarshal.Cast<byte, float>(graph.Initializer.Single(tensor => tensor.Name == name).RawData.Span).ToArray();
    }

    private DenseTensor<float> Normalised(ReadOnlySpan<byte> squares, int count)
    {
        var tensor = new DenseTensor<float>([count, 3, ImageSize, ImageSize]);
        var values = tensor.Buffer.Span;
        var plane = ImageSize * ImageSize;
        for (var image = 0; image < count; image++)
        {
            var square = squares.Slice(image * SquareBytes, SquareBytes);
            for (var channel = 0; channel < 3; channel++)
            {
                var target = values.Slice((image * 3 + channel) * plane, plane);
                var (scale, shift) = (1 / (255 * _deviation[channel]), _mean[channel] / _deviation[channel]);
                for (int pixel = 0, at = channel; pixel < plane; pixel++, at += 3) target[pixel] = square[at] * scale - shift;
            }
        }
        return tensor;
    }

    private static float[] Numbers(string text) =>
        [.. text.Split(',').Select(number => float.Parse(number, CultureInfo.InvariantCulture))];
}

/// <summary>What a model says of a batch.</summary>
/// <param name="Classes">How many.</param>
/// <param name="Logits">(n, classes), rows first.</param>
/// <param name="Maps">(n, channels, h, w) of <paramref name="MapShape"/>; null when they weren't wanted.</param>
public sealed record ModelOutput(int Classes, IReadOnlyList<float> Logits, float[]? Maps, IReadOnlyList<int> MapShape)
{
    public int Count => Logits.Count / Classes;

    /// <summary>An image's logits, one per class.</summary>
    public float[] LogitsOf(int image) => [.. Logits.Skip(image * Classes).Take(Classes)];

    /// <summary>Softmax of an image's logits.</summary>
    /// <exception cref="NotFiniteException">The model's answer is no number: it has none.</exception>
    public double[] Probabilities(int image)
    {
        var logits = Array.ConvertAll(LogitsOf(image), value => (double)value);
        if (!logits.All(double.IsFinite))
            throw new NotFiniteException(
                "The model's answer is no number (NaN or infinite), so it has none. Its training had failed; take another run's model.");
        var highest = logits.Max();
        var powers = Array.ConvertAll(logits, logit => Math.Exp(logit - highest));
        var sum = powers.Sum();
        return Array.ConvertAll(powers, power => power / sum);
    }

    /// <summary>An image's most likely classes with their probabilities, best first.</summary>
    /// <exception cref="NotFiniteException">The model's answer is no number: it has none.</exception>
    public IReadOnlyList<(int Class, double Probability)> Top(int image, int count) =>
        [.. Probabilities(image).Select((probability, label) => (label, probability)).OrderByDescending(each => each.probability)
            .Take(count)];
}

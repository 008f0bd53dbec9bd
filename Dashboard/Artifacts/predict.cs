// What the model says of photos: dotnet run predict.cs photo.jpg more.png
// Needs the .NET 10 SDK; the packages come by themselves. On Windows and macOS the last package is not needed.
#:package Microsoft.ML.OnnxRuntime@1.31.1
#:package SkiaSharp@4.155.0
#:package SkiaSharp.NativeAssets.Linux.NoDependencies@4.155.0
#:property PublishAot=false

using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using SkiaSharp;

if (args.Length == 0)
{
    Console.Error.WriteLine("Usage: dotnet run predict.cs photo.jpg more.png");
    return 2;
}
using var session = new InferenceSession(Path.Combine(Here(), "model.onnx"));
var about = session.ModelMetadata.CustomMetadataMap;
var classes = JsonSerializer.Deserialize<string[]>(about["classes"])!;
var size = int.Parse(about["imageSize"], CultureInfo.InvariantCulture);
float[] mean = Numbers("mean"), deviation = Numbers("deviation");
var failed = false;
foreach (var path in args)
{
    // Turned upright as the camera says.
    using var photo = File.Exists(path) ? SKImage.FromEncodedData(path) : null;
    if (photo is null)
    {
        Console.Error.WriteLine($"{path}: there is no such file, or it is no image.");
        failed = true;
        continue;
    }
    using var outputs = session.Run([NamedOnnxValue.CreateFromTensor("images", Prepare(photo))], ["logits"]);
    var logits = outputs[0].AsEnumerable<float>().ToArray();
    var powers = logits.Select(logit => Math.Exp(logit - logits.Max())).ToArray();
    var best = Enumerable.Range(0, logits.Length).OrderByDescending(label => logits[label]).Take(5);
    Console.WriteLine($"{path}: " + string.Join(", ", best.Select(label =>
        string.Create(CultureInfo.InvariantCulture, $"{classes[label]} {100 * powers[label] / powers.Sum():F1}%"))));
}
return failed ? 1 : 0;

// A photo as the network takes it: (1, 3, size, size).
DenseTensor<float> Prepare(SKImage photo)
{
    var whole = SKRect.Create(photo.Width, photo.Height);
    var seen = about["resize"] == "squash" ? whole : whole.AspectFit(new SKSize(1, 1));
    using var square = new SKBitmap(new SKImageInfo(size, size, SKColorType.Rgba8888, SKAlphaType.Opaque));
    using (var canvas = new SKCanvas(square))
        canvas.DrawImage(photo, seen, SKRect.Create(size, size), new SKSamplingOptions(SKFilterMode.Linear, SKMipmapMode.Linear));
    var pixels = square.GetPixelSpan();
    var tensor = new DenseTensor<float>([1, 3, size, size]);
    for (var at = 0; at < size * size; at++)
        for (var channel = 0; channel < 3; channel++)
            tensor.Buffer.Span[channel * size * size + at] = (pixels[at * 4 + channel] / 255f - mean[channel]) / deviation[channel];
    return tensor;
}

float[] Numbers(string key) => [.. about[key].Split(',').Select(number => float.Parse(number, CultureInfo.InvariantCulture))];

static string Here([CallerFilePath] string path = "") => Path.GetDirectoryName(path)!;

// What the model says of photos: dotnet run predict.cs photo.jpg more.png
// Needs the .NET 10 SDK; the packages come by themselves. On Windows and macOS the last package is not needed.
#:package Microsoft.ML.OnnxRuntime@{{version}}
#:package SkiaSharp@{{version}}
#:package SkiaSharp.NativeAssets.Linux.NoDependencies@{{version}}
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

// A photo as the network takes it: (1, 3, size, size). Transparent parts are white.
DenseTensor<float> Prepare(SKImage photo)
{
    using var bitmap = new SKBitmap(new SKImageInfo(photo.Width, photo.Height, SKColorType.Rgba8888, SKAlphaType.Premul));
    using (var canvas = new SKCanvas(bitmap))
    {
        canvas.Clear(SKColors.White);
        canvas.DrawImage(photo, 0, 0, SKSamplingOptions.Default);
    }
    var pixels = bitmap.GetPixelSpan();
    var shorter = Math.Min(photo.Width, photo.Height);
    var (columns, rows) = (Shares(photo.Width, shorter), Shares(photo.Height, shorter));
    var tensor = new DenseTensor<float>([1, 3, size, size]);
    var narrow = new float[photo.Height * size];
    for (var channel = 0; channel < 3; channel++)
    {
        for (var y = 0; y < photo.Height; y++)
            for (var x = 0; x < size; x++)
            {
                var (first, shares) = columns[x];
                var sum = 0f;
                for (var at = 0; at < shares.Length; at++) sum += shares[at] * pixels[(y * photo.Width + first + at) * 4 + channel];
                narrow[y * size + x] = MathF.Round(sum);
            }
        for (var y = 0; y < size; y++)
            for (var x = 0; x < size; x++)
            {
                var (first, shares) = rows[y];
                var sum = 0f;
                for (var at = 0; at < shares.Length; at++) sum += shares[at] * narrow[(first + at) * size + x];
                tensor[0, channel, y, x] = (MathF.Round(sum) / 255 - mean[channel]) / deviation[channel];
            }
    }
    return tensor;
}

// Along one side: the pixels that each pixel of the square is made of, from the first one on. They are weighed by a triangle that widens
// as the photo shrinks (as in Pillow and torchvision), so that none is left out. Of a photo that isn't squashed the middle is taken.
(int First, float[] Shares)[] Shares(int length, int shorter)
{
    var shrunk = about["resize"] == "squash" ? size : (int)((long)size * length / shorter);
    var (step, skipped) = ((double)length / shrunk, Math.Round((shrunk - size) / 2.0));
    var reach = Math.Max(step, 1);
    return [.. Enumerable.Range(0, size).Select(at =>
    {
        var centre = (skipped + at + 0.5) * step;
        var first = Math.Max(0, (int)(centre - reach + 0.5));
        var end = Math.Min(length, (int)(centre + reach + 0.5));
        var weights = Enumerable.Range(first, end - first).Select(pixel => Math.Max(0, 1 - Math.Abs(pixel + 0.5 - centre) / reach)).ToArray();
        return (first, weights.Select(weight => (float)(weight / weights.Sum())).ToArray());
    })];
}

float[] Numbers(string key) => [.. about[key].Split(',').Select(number => float.Parse(number, CultureInfo.InvariantCulture))];

static string Here([CallerFilePath] string path = "") => Path.GetDirectoryName(path)!;

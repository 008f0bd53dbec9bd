// What the model says of photos: dotnet run predict.cs photo.jpg more.png
// Needs the .NET 10 SDK; the packages come by themselves. On Windows and macOS the last package is not needed.
#:package Microsoft.ML.OnnxRuntime@{{version}}
#:package SkiaSharp@{{version}}
#:package SkiaSharp.NativeAssets.Linux.NoDependencies@{{version}}
#:property PublishAot=false

using System.Buffers.Binary;
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
const int One = 1 << 22;
var failed = false;
foreach (var path in args)
{
    if (Prepare(path) is not { } photo)
    {
        Console.Error.WriteLine($"{path}: there is no such file, or it is no image, or it is damaged.");
        failed = true;
        continue;
    }
    using var outputs = session.Run([NamedOnnxValue.CreateFromTensor("images", photo)], ["logits"]);
    var logits = outputs[0].AsEnumerable<float>().ToArray();
    if (!logits.All(float.IsFinite))
    {
        Console.Error.WriteLine($"{path}: the model's answer is no number: its weights are damaged.");
        failed = true;
        continue;
    }
    var powers = logits.Select(logit => Math.Exp(logit - logits.Max())).ToArray();
    var best = Enumerable.Range(0, logits.Length).OrderByDescending(label => logits[label]).Take(5);
    Console.WriteLine($"{path}: " + string.Join(", ", best.Select(label =>
        string.Create(CultureInfo.InvariantCulture, $"{classes[label]} {100 * powers[label] / powers.Sum():F1}%"))));
}
return failed ? 1 : 0;

// A photo as the network takes it: (1, 3, size, size), upright as the camera says. Transparent parts are white.
DenseTensor<float>? Prepare(string path)
{
    using var codec = File.Exists(path) ? SKCodec.Create(path) : null;
    if (codec is null) return null;
    var (file, width, height) = (File.ReadAllBytes(path), codec.Info.Width, codec.Info.Height);
    // Large JPEGs at a half, a quarter or an eighth, as they were in training.
    var isScaled = codec.EncodedFormat == SKEncodedImageFormat.Jpeg && about.GetValueOrDefault("decode") != "full";
    var part = isScaled ? new[] { 8, 4, 2 }.FirstOrDefault(part => Math.Min(width, height) / part >= size, 1) : 1;
    var scaled = part == 1 ? new SKSizeI(width, height) : codec.GetScaledDimensions(1f / part);
    var opaque = codec.Info.AlphaType == SKAlphaType.Opaque;
    var alpha = opaque ? SKAlphaType.Opaque : SKAlphaType.Unpremul;
    using var bitmap = new SKBitmap(new SKImageInfo(scaled.Width, scaled.Height, SKColorType.Rgba8888, alpha));
    if (codec.GetPixels(bitmap.Info, bitmap.GetPixels()) != SKCodecResult.Success) return null;
    var pixels = bitmap.GetPixelSpan().ToArray();
    if (!opaque && HasAlpha(file)) LayOverWhite(pixels);
    var turn = Turn(Exif(file));
    var shorter = Math.Min(width, height);
    var columns = Shares(width, shorter, part, scaled.Width, isMirrored: turn is 2 or 3 or 7 or 8);
    var rows = Shares(height, shorter, part, scaled.Height, isMirrored: turn is 3 or 4 or 6 or 7);
    var tensor = new DenseTensor<float>([1, 3, size, size]);
    var narrow = new int[scaled.Height * size];
    for (var channel = 0; channel < 3; channel++)
    {
        for (var y = 0; y < scaled.Height; y++)
            for (var x = 0; x < size; x++)
            {
                var (first, shares) = columns[x];
                var sum = One / 2;
                for (var at = 0; at < shares.Length; at++) sum += shares[at] * pixels[(y * scaled.Width + first + at) * 4 + channel];
                narrow[y * size + x] = Math.Min(sum / One, 255);
            }
        for (var y = 0; y < size; y++)
            for (var x = 0; x < size; x++)
            {
                var (first, shares) = rows[y];
                var sum = One / 2;
                for (var at = 0; at < shares.Length; at++) sum += shares[at] * narrow[(first + at) * size + x];
                var (column, row) = turn > 4 ? (y, x) : (x, y);
                tensor[0, channel, row, column] = (Math.Min(sum / One, 255) / 255f - mean[channel]) / deviation[channel];
            }
    }
    return tensor;
}

// Along one side of the file: the pixels that each pixel of the square is made of, from the first one on. They are weighed by a triangle
// that widens as the photo shrinks (as in Pillow and torchvision), so that none is left out. Of a photo that isn't squashed the middle is taken.
// The square's pixels come in the order of the upright photo. Shares are whole numbers of One, so that every computer gets the same bytes.
(int First, int[] Shares)[] Shares(int length, int shorter, int part, int pixels, bool isMirrored)
{
    var shrunk = about["resize"] == "squash" ? size : (int)((long)size * length / shorter);
    var (step, skipped) = ((double)length / part / shrunk, (int)Math.Round((shrunk - size) / 2.0));
    if (isMirrored) skipped = shrunk - size - skipped;
    var reach = Math.Max(step, 1);
    return [.. Enumerable.Range(0, size).Select(at =>
    {
        var centre = (skipped + (isMirrored ? size - 1 - at : at) + 0.5) * step;
        var first = Math.Max(0, (int)(centre - reach + 0.5));
        var end = Math.Min(pixels, (int)(centre + reach + 0.5));
        var taps = Enumerable.Range(first, end - first);
        var weights = taps.Select(pixel => Math.Max(0, 1 - Math.Abs(pixel + 0.5 - centre) / reach)).ToArray();
        return (first, weights.Select(weight => (int)Math.Round(weight / weights.Sum() * One)).ToArray());
    })];
}

// Where every pixel is transparent, the alpha was never meant.
static void LayOverWhite(byte[] rgba)
{
    var isTransparent = true;
    for (var at = 3; at < rgba.Length && isTransparent; at += 4) isTransparent = rgba[at] == 0;
    for (var at = 0; at < rgba.Length && !isTransparent; at++)
        if (at % 4 < 3) rgba[at] = (byte)((rgba[at] * rgba[at | 3] + (255 - rgba[at | 3]) * 255 + 127) / 255);
}

// A BMP of 32 bits has alpha only where its header has a mask for it; other programs leave anything there.
static bool HasAlpha(ReadOnlySpan<byte> file) => !file.StartsWith("BM"u8)
    || file.Length > 70 && file[14] >= 56 && file[30] is 3 or 6 && file[66..70].IndexOfAnyExcept((byte)0) >= 0;

// How the photo lies in its file: 1-8, as EXIF numbers it; 1, upright, where the file says nothing that makes sense.
static int Turn(ReadOnlySpan<byte> exif)
{
    while (exif.StartsWith("Exif\0\0"u8)) exif = exif[6..];
    var isBig = exif.StartsWith("MM\0*"u8);
    if (exif.Length < 8 || !isBig && !exif.StartsWith("II*\0"u8)) return 1;
    var entries = Whole(exif, 4, isBig) is var at && at + 2L <= exif.Length ? exif[(int)at..] : [];
    for (var left = entries.Length > 0 ? Half(entries, 0, isBig) : 0; left > 0 && entries.Length >= 14; left--, entries = entries[12..])
        if (Half(entries, 2, isBig) == 0x0112)
        {
            var turn = (Half(entries, 4, isBig), Whole(entries, 6, isBig)) switch
            {
                (3 or 8, 1 or 2) => Half(entries, 10, isBig),
                (4 or 9, 1) => Whole(entries, 10, isBig),
                _ => 1u,
            };
            return turn is >= 1 and <= 8 ? (int)turn : 1;
        }
    return 1;
}

static uint Half(ReadOnlySpan<byte> bytes, int at, bool isBig) =>
    isBig ? BinaryPrimitives.ReadUInt16BigEndian(bytes[at..]) : BinaryPrimitives.ReadUInt16LittleEndian(bytes[at..]);

static uint Whole(ReadOnlySpan<byte> bytes, int at, bool isBig) =>
    isBig ? BinaryPrimitives.ReadUInt32BigEndian(bytes[at..]) : BinaryPrimitives.ReadUInt32LittleEndian(bytes[at..]);

// The EXIF block of a JPEG (before its first scan), a PNG or a WebP.
static ReadOnlySpan<byte> Exif(ReadOnlySpan<byte> file)
{
    var (isJpeg, isPng) = (file.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xD8]), file.StartsWith((ReadOnlySpan<byte>)[0x89, (byte)'P']));
    if (!isJpeg && !isPng && !(file.Length > 20 && file[8..].StartsWith("WEBPVP8X"u8) && (file[20] & 8) != 0)) return [];
    for (long at = isJpeg ? 2 : isPng ? 8 : 12; at + 12 <= file.Length;)
    {
        var rest = file[(int)at..];
        if (isJpeg && (rest[0] != 0xFF || rest[1] is 0xFF or 0)) at++;
        else if (isJpeg && rest[1] == 0xDA) break;
        else
        {
            var length = isJpeg ? Half(rest, 2, true) - 2 : Whole(rest, isPng ? 0 : 4, isPng);
            var content = rest[(isJpeg ? 4 : 8)..];
            content = content[..(int)Math.Min(content.Length, length)];
            var isExif = isJpeg ? rest[1] == 0xE1 && content.StartsWith("Exif\0\0"u8)
                : rest[(isPng ? 4 : 0)..].StartsWith(isPng ? "eXIf"u8 : "EXIF"u8);
            if (isExif) return content;
            at += isJpeg ? 4L + length : isPng ? 12L + length : 8L + length + length % 2;
        }
    }
    return [];
}

float[] Numbers(string key) => [.. about[key].Split(',').Select(number => float.Parse(number, CultureInfo.InvariantCulture))];

static string Here([CallerFilePath] string path = "") => Path.GetDirectoryName(path)!;

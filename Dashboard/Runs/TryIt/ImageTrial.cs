using Dashboard.Storage;
using Dashboard.Storage.Files;
using Microsoft.Extensions.Options;
using SkiaSharp;
using Training.Core.Export;

namespace Dashboard.Runs.TryIt;

/// <summary>What a run's model says of an image that somebody brought.</summary>
/// <param name="Top">Class names with probabilities, best first.</param>
/// <param name="Picture">The square that the model saw, as a JPEG data URI; empty when it wasn't wanted.</param>
/// <param name="Map">Where the model looked for its answer, as a small PNG data URI to lay over the picture; null where it can't be
/// told.</param>
public sealed record TrialResult(IReadOnlyList<ClassProbability> Top, string Picture, string? Map);

public sealed record ClassProbability(string Class, double Probability);

/// <summary>Tries a run's model on images, in this process by ONNX Runtime.</summary>
public sealed class ImageTrial(IOptions<DashboardOptions> options, DataRoot root, ModelShelf shelf) : IDisposable
{
    public const long MaxBytes = 50L << 20;

    private const int PictureQuality = 85;

    /// <summary>A training on this machine needs the cores more, and what waits here waits without a thread.</summary>
    private readonly SemaphoreSlim _turns = new(Math.Max(1, Environment.ProcessorCount / 2));

    public bool HasModel(int runId) => File.Exists(options.Value.RunFolder(runId).Onnx);

    /// <param name="image">Bytes of an image file.</param>
    /// <param name="top">At least 1.</param>
    /// <exception cref="FileNotFoundException">The run has no model.onnx.</exception>
    /// <exception cref="InvalidDataException">Its model.onnx is damaged.</exception>
    /// <exception cref="ImageException">Not an image, or damaged; the message begins with "Is" or "Can't".</exception>
    /// <exception cref="Training.Core.Metrics.NotFiniteException">The model's answer is no number.</exception>
    /// <exception cref="IOException">Such as a full disk.</exception>
    public async Task<TrialResult> TryAsync(int runId, Stream image, int top, bool withPicture, CancellationToken cancellationToken)
    {
        // The decoder takes files; large ones are better off there than in memory anyway.
        root.ThrowIfLost();
        Directory.CreateDirectory(options.Value.CacheFolder);
        using var tried = new ArrivingFile(Path.Combine(options.Value.CacheFolder, $"tried-{Guid.NewGuid():N}"));
        await tried.ReceiveAsync(image, null, cancellationToken);
        var model = options.Value.RunFolder(runId).Onnx;
        await _turns.WaitAsync(cancellationToken);
        try
        {
            // On a thread of its own: it may wait for memory, which the threads that answer requests must not.
            return await shelf.UseAsync(model, loaded => Task.Factory.StartNew(
                () => Try(loaded, tried.Path, top, withPicture, cancellationToken), cancellationToken,
                TaskCreationOptions.LongRunning, TaskScheduler.Default), cancellationToken);
        }
        finally
        {
            _turns.Release();
        }
    }

    public void Dispose() => _turns.Dispose();

    private static TrialResult Try(OnnxModel model, string path, int top, bool withPicture, CancellationToken cancellationToken)
    {
        var square = new byte[model.SquareBytes];
        model.Prepare(path, square, cancellationToken: cancellationToken);
        var output = model.Run(square, 1, withMap: withPicture);
        var best = output.Top(0, Math.Min(top, model.Classes.Count));
        var answer = best.Select(each => new ClassProbability(model.Classes[each.Class], each.Probability)).ToList();
        if (!withPicture) return new TrialResult(answer, "", null);
        var map = model.ClassMap(output, 0, best[0].Class);
        return new TrialResult(answer, Picture(square, model.ImageSize), map is null ? null : Overlay(map));
    }

    private static string Picture(byte[] rgb, int size)
    {
        var pixels = new byte[size * size * 4];
        for (int from = 0, to = 0; from < rgb.Length; from += 3, to += 4)
            (pixels[to], pixels[to + 1], pixels[to + 2], pixels[to + 3]) = (rgb[from], rgb[from + 1], rgb[from + 2], 255);
        return Uri(pixels, size, size, SKEncodedImageFormat.Jpeg);
    }

    /// <summary>Warm where the map is high and clear where it is low; the browser smooths it when it enlarges it.</summary>
    private static string Overlay(float[,] map)
    {
        var (height, width) = (map.GetLength(0), map.GetLength(1));
        var (low, high) = (map.Cast<float>().Min(), map.Cast<float>().Max());
        var pixels = new byte[height * width * 4];
        for (var y = 0; y < height; y++)
        {
            for (var x = 0; x < width; x++)
            {
                var heat = high > low ? (map[y, x] - low) / (high - low) : 0;
                var at = (y * width + x) * 4;
                (pixels[at], pixels[at + 1], pixels[at + 2], pixels[at + 3]) = (255, (byte)(210 * (1 - heat)), 0, (byte)(190 * heat));
            }
        }
        return Uri(pixels, width, height, SKEncodedImageFormat.Png);
    }

    private static string Uri(byte[] rgba, int width, int height, SKEncodedImageFormat format)
    {
        using var image = SKImage.FromPixelCopy(new SKImageInfo(width, height, SKColorType.Rgba8888, SKAlphaType.Unpremul), rgba);
        using var encoded = image.Encode(format, PictureQuality);
        var type = format == SKEncodedImageFormat.Jpeg ? "image/jpeg" : "image/png";
        return $"data:{type};base64,{Convert.ToBase64String(encoded.AsSpan())}";
    }
}

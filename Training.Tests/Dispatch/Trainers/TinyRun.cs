using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using Dashboard.Storage;
using SkiaSharp;
using Training.Core.Data;
using Training.Core.Devices;
using Training.Core.Recipes;
using Training.Core.Runs;
using Training.Tests.TestKit;

namespace Training.Tests.Dispatch.Trainers;

/// <summary>A run that really trains, in very short steps.</summary>
internal static class TinyRun
{
    /// <summary>A queued run over a dozen tiny images, put there by a dashboard that doesn't train.</summary>
    /// <param name="small">A tenth of the weights, from random numbers: its files travel fast.</param>
    /// <param name="settings">Such as ("Dashboard:Postgres", "…").</param>
    public static async Task<RunRow> QueueAsync(
        TemporaryFolder root, int epochs, bool small = false, IReadOnlyDictionary<string, string>? settings = null)
    {
        var recipe = new Recipe
        {
            Dataset = "1", Name = "tiny", Mode = TrainingMode.FineTune, Epochs = epochs, BatchSize = 4, ImageSize = 32,
                Precision = PrecisionKind.Fp32,
        };
        if (small) recipe = recipe with { Mode = TrainingMode.FromScratch, Backbone = "mobilenet_v3_small" };
        var samples = Enumerable.Range(0, 12).Select(i =>
            new Sample(i, string.Create(CultureInfo.InvariantCulture, $"{i}.png"), i % 2, i < 8 ? Split.Train : Split.Val)).ToList();
        var images = Directory.CreateDirectory(root.In("images")).FullName;
        foreach (var sample in samples) Draw(Path.Combine(images, sample.Path), sample.Label == 0 ? SKColors.Orange : SKColors.SteelBlue);
        samples = [.. samples.Select(sample => sample with { Sha256 = Hash(Path.Combine(images, sample.Path)) })];
        await using var app = new DashboardApp(root.Path, settings);
        var run = new RunRow
        {
            Name = "tiny", DatasetName = "tiny", RecipeJson = JsonSerializer.Serialize(recipe, CoreJson.Options),
                Classes = ["warm", "cold"],
            Epochs = epochs, CreatedAt = DateTimeOffset.UnixEpoch,
        };
        var manifest = new DatasetManifest("tiny", images, run.Classes, samples);
        await app.Runs.AddAsync(run, id => new DashboardOptions { DataRoot = root.Path }.RunFolder(id).Write(recipe, manifest), default);
        return run;
    }

    private static string Hash(string path) => Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(path)));

    private static void Draw(string path, SKColor colour)
    {
        using var bitmap = new SKBitmap(40, 40);
        bitmap.Erase(colour);
        using var data = bitmap.Encode(SKEncodedImageFormat.Png, 100);
        File.WriteAllBytes(path, data.ToArray());
    }
}

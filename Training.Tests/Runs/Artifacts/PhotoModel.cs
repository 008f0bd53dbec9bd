using System.IO.Compression;
using Dashboard.Runs.Artifacts;
using SkiaSharp;
using Training.Core.Data;
using Training.Core.Engine;
using Training.Core.Export;
using Training.Core.Recipes;
using Training.Core.Runs;
using Training.Tests.Images;
using Training.Tests.TestKit;

namespace Training.Tests.Runs.Artifacts;

/// <summary>
/// A model of a few real photos, unpacked from its zips as a user does, and photos of every kind that a program could get wrong. Skips
/// the test where the photos are not at hand.
/// </summary>
public sealed class PhotoModel : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly Lazy<string> _photos;
    private readonly Lazy<RunFolder> _run;

    public PhotoModel()
    {
        _photos = new Lazy<string>(WritePhotos);
        _run = new Lazy<RunFolder>(Train);
    }

    /// <summary>Upright and turned, with alpha, grey, long and flat, and large ones.</summary>
    public string Photos => _photos.Value;

    /// <summary>A folder with what the zip holds.</summary>
    internal async Task<string> UnpackAsync(ResizeKind resize)
    {
        var run = _run.Value;
        (ModelDescription.Load(run.Classes) with { Resize = resize }).Save(run.Classes);
        if (Path.Exists(_folder.In($"{resize}"))) return _folder.In($"{resize}");
        _ = ModelExport.Write(run, samples: null);
        await using (var stream = File.Create(_folder.In("model.zip")))
            await ModelZip.WriteAsync(run, "A card.", stream, default);
        await ZipFile.ExtractToDirectoryAsync(_folder.In("model.zip"), _folder.In($"{resize}"));
        return _folder.In($"{resize}");
    }

    public void Dispose() => _folder.Dispose();

    private RunFolder Train()
    {
        var scan = ImageFolder.Scan(RealData.Folder("hymenoptera"));
        var some = scan.Samples.GroupBy(sample => (sample.Label, sample.Split)).SelectMany(group => group.Take(12)).ToList();
        var recipe = Presets.Get(Presets.Transfer).Apply(new Recipe { Dataset = "some", Epochs = 2 });
        var folder = new RunFolder(_folder.In("run"));
        using var session = new TrainingSession(new TrainingRequest
        {
            Recipe = recipe, Folder = folder, Events = new Silent(),
            Manifest = new DatasetManifest("some", scan.Root, scan.Classes,
                DatasetSplit.ForRun(some, scan.Classes.Count, recipe.ValFraction, recipe.Seed)),
        });
        var ended = session.Run(CancellationToken.None);
        Assert.True(ended.Outcome == RunOutcome.Completed, ended.Reason);
        return folder;
    }

    private string WritePhotos()
    {
        var photos = Directory.CreateDirectory(_folder.In("photos")).FullName;
        var set = Path.Combine(RealData.Folder("hymenoptera"), "val");
        var files = Directory.GetFiles(set, "*.jpg", SearchOption.AllDirectories).OrderBy(path => new FileInfo(path).Length).ToList();
        File.Copy(files[^1], Path.Combine(photos, "large-5-megapixels.jpg"));
        File.Copy(files[files.Count / 2], Path.Combine(photos, "large.jpg"));
        using var ant = Small(Path.Combine(set, "ants", "10308379_1b6c72e180.jpg"));
        foreach (var orientation in new byte[] { 2, 3, 6, 8 })
            File.WriteAllBytes(Path.Combine(photos, $"turned-{orientation}.jpg"),
                Turned(ant.Copy().Encode(SKEncodedImageFormat.Jpeg), orientation));
        // What Skia alone would not turn, or show white.
        foreach (var parts in Reference.Cases("Images", "formats.txt")
            .Where(parts => parts[0].Contains(" with ", StringComparison.Ordinal)))
            File.WriteAllBytes(Path.Combine(photos,
                $"format-{parts[0].Replace(' ', '-').Replace('<', 'l').Replace('>', 'b').Replace(",", "", StringComparison.Ordinal)}"),
                Convert.FromBase64String(parts[1]));
        using var bee = Small(Path.Combine(set, "bees", "10870992_eebeeb3a12.jpg"));
        File.WriteAllBytes(Path.Combine(photos, "grey.jpg"), bee.Copy(SKColorType.Gray8).Encode(SKEncodedImageFormat.Jpeg));
        File.WriteAllBytes(Path.Combine(photos, "alpha.png"), Faded(bee).Encode(SKEncodedImageFormat.Png));
        using var strip = new SKBitmap();
        bee.ExtractSubset(strip, SKRectI.Create(0, bee.Height / 3, bee.Width, bee.Height / 4));
        File.WriteAllBytes(Path.Combine(photos, "strip.png"), strip.Copy().Encode(SKEncodedImageFormat.Png));
        return photos;
    }

    /// <summary>Of a size that no decoder needs to shrink while it decodes.</summary>
    private static SKBitmap Small(string path)
    {
        using var photo = SKBitmap.Decode(path);
        var scale = 250.0 / Math.Min(photo.Width, photo.Height);
        return photo.Resize(new SKSizeI((int)(photo.Width * scale), (int)(photo.Height * scale)),
            new SKSamplingOptions(SKCubicResampler.Mitchell));
    }

    /// <summary>Transparent around a disc that fades, black where nothing is seen: who drops the alpha sees black.</summary>
    private static SKBitmap Faded(SKBitmap photo) => Pictures.Draw(photo.Width, photo.Height, (x, y) =>
    {
        var (dx, dy) = (2.0 * x / photo.Width - 1, 2.0 * y / photo.Height - 1);
        var alpha = Math.Clamp(2 - 2 * Math.Sqrt(dx * dx + dy * dy), 0, 1);
        return alpha == 0 ? SKColor.Empty : photo.GetPixel(x, y).WithAlpha((byte)(255 * alpha));
    }, SKAlphaType.Unpremul);

    /// <summary>The JPEG with an EXIF block that says how it is to be turned, as cameras write it.</summary>
    private static byte[] Turned(byte[] jpeg, byte orientation) =>
    [
        .. jpeg[..2], 0xFF, 0xE1, 0, 34, .. "Exif"u8, 0, 0, .. "MM"u8, 0, 42, 0, 0, 0, 8,
        0, 1, 0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, orientation, 0, 0, 0, 0, 0, 0, .. jpeg[2..],
    ];

    private sealed class Silent : IRunEventSink
    {
        public void Report(RunEvent runEvent)
        {
        }
    }
}

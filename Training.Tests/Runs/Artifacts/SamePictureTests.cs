using System.Diagnostics;
using System.Reflection;
using Dashboard.Runs.Artifacts;
using Training.Core.Backbones;
using Training.Core.Export;
using Training.Core.Recipes;
using Training.Tests.TestKit;

namespace Training.Tests.Runs.Artifacts;

/// <summary>
/// The shipped predict.py sees the same picture as the training, to 1 of 255 on average on real photos, in both ways of decoding.
/// </summary>
public sealed class SamePictureTests : IDisposable
{
    private const string Python = "/usr/bin/python3";
    private const int Size = 224;
    private const int Photos = 60;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [SkippableTheory]
    [InlineData("hymenoptera", ResizeKind.CentreCrop, false)]
    [InlineData("hymenoptera", ResizeKind.Squash, false)]
    [InlineData("hymenoptera", ResizeKind.CentreCrop, true)]
    [InlineData("monkeys10", ResizeKind.CentreCrop, false)]
    public async Task PredictPy_RealPhotos_SeesWhatTheTrainingSees(string set, ResizeKind resize, bool isFull)
    {
        var files = Directory.GetFiles(RealData.Folder(set), "*.jpg", SearchOption.AllDirectories).Order(StringComparer.Ordinal).ToList();
        var photos = files.Where((_, index) => index % Math.Max(1, files.Count / Photos) == 0).Take(Photos).ToList();

        Assert.All(await DifferencesAsync(photos, Size, resize, isFull), pair =>
            Assert.True(pair.Difference <= 1, $"{pair.Photo}: {pair.Difference}"));
    }

    [SkippableTheory]
    [InlineData(ResizeKind.CentreCrop)]
    [InlineData(ResizeKind.Squash)]
    public async Task PredictPy_EveryFormatAndOrientation_SeesWhatTheTrainingSees(ResizeKind resize)
    {
        var photos = new List<string>();
        foreach (var (index, parts) in Reference.Cases("Images", "formats.txt").Index())
        {
            photos.Add(_folder.In($"{index}"));
            await File.WriteAllBytesAsync(photos[^1], Convert.FromBase64String(parts[1]));
        }

        Assert.All(await DifferencesAsync(photos, 12, resize, isFull: false), pair =>
            Assert.True(pair.Difference <= 2, $"{pair.Photo}: {pair.Difference}"));
    }

    /// <summary>The mean difference of a photo's bytes.</summary>
    private async Task<IEnumerable<(
        string Photo, double Difference)>> DifferencesAsync(List<string> photos, int size, ResizeKind resize, bool isFull)
    {
        var model = ModelDescription.Of(BackboneCatalog.Get(BackboneCatalog.BuiltIn), ["a", "b"],
            new Recipe { Dataset = "some", ImageSize = size, Resize = resize, FullDecode = isFull });
        model.Save(_folder.In("classes.json"));
        await using (var program = typeof(ModelZip).Assembly.GetManifestResourceStream("predict.py")!)
        await using (var file = File.Create(_folder.In("predict.py"))) await program.CopyToAsync(file);
        var script = Path.Combine(Path.GetDirectoryName(Assembly.GetExecutingAssembly().Location)!, "Runs", "Artifacts",
            "predict_pixels.py");
        var start = new ProcessStartInfo(Python, [script, _folder.Path, _folder.In("pixels"), .. photos]) { RedirectStandardError = true };
        Skip.IfNot(File.Exists(Python), $"There is no {Python}.");
        using var process = Process.Start(start)!;
        var complained = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        Skip.If(complained.Contains("No module named", StringComparison.Ordinal),
            $"{Python} lacks Pillow or NumPy (apt-get install python3-pil python3-numpy).");
        Assert.True(process.ExitCode == 0, complained);
        var (theirs, ours) = (await File.ReadAllBytesAsync(_folder.In("pixels")), new byte[size * size * 3]);
        Assert.Equal(photos.Count * ours.Length, theirs.Length);
        return photos.Select((photo, index) =>
        {
            ImageDecoder.DecodeSquare(photo, size, resize, null, ours, isFull: isFull);
            return (photo, ours.Zip(theirs[(index * ours.Length)..]).Average(pair => Math.Abs(pair.First - pair.Second)));
        }).ToList();
    }
}

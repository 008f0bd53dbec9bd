using Training.Core.Data;
using Training.Core.Engine;
using Training.Core.Recipes;
using Training.Core.Runs;
using Training.Tests.TestKit;

namespace Training.Tests.Engine;

/// <summary>A photo is overwritten after its folder was scanned; the original lies in another dataset, which shares the caches.</summary>
[Collection(GlobalTorchState.Name)]
public sealed class ChangedPhotosTests : IDisposable
{
    private const string Name = "003.png";

    private readonly TinyPhotos _photos = new();
    private readonly TinyPhotos _untouched = new();
    private readonly TemporaryFolder _cache = new();

    public void Dispose()
    {
        _cache.Dispose();
        _untouched.Dispose();
        _photos.Dispose();
    }

    [Theory]
    [InlineData(TrainingMode.FromScratch, AugmentationKind.None)]
    [InlineData(TrainingMode.FromScratch, AugmentationKind.CropAndFlip)]
    [InlineData(TrainingMode.Transfer, AugmentationKind.None)]
    public void Run_PhotoThatWasOverwritten_IsUsedAsItIsNowAndLeavesTheOtherDatasetAlone(TrainingMode mode, AugmentationKind augmentation)
    {
        var recipe = SessionRun.Scratch with { Mode = mode, Augmentation = augmentation, Epochs = 2 };
        using var expected = Trained(recipe, _untouched, cache: null);
        File.Copy(Path.Combine(_photos.Root, "000.png"), Path.Combine(_photos.Root, Name), overwrite: true);

        using var changed = Trained(recipe, _photos, _cache.Path);
        using var other = Trained(recipe, _untouched, _cache.Path);

        Assert.Equal(expected.Losses, other.Losses);
        Assert.NotEqual(expected.Losses, changed.Losses);
        var warning = Assert.Single(changed.Events.OfType<Logged>(), logged =>
            logged.Text.Contains("changed since", StringComparison.Ordinal));
        Assert.Equal(RunLogLevel.Warning, warning.Level);
        Assert.Contains($"1 image has changed since the dataset was scanned and is used as it is now: {Name}.", warning.Text,
            StringComparison.Ordinal);
        Assert.DoesNotContain(other.Events.OfType<Logged>(), logged => logged.Text.Contains("changed since", StringComparison.Ordinal));
        var manifest = DatasetManifest.Load(changed.Folder.Manifest);
        Assert.Equal([Name], manifest.Changed);
        Assert.Equal(_photos.Manifest.Samples[0].Sha256, manifest.Samples.Single(sample => sample.Path == Name).Sha256);
    }

    [Theory]
    [InlineData(TrainingMode.FromScratch)]
    [InlineData(TrainingMode.Transfer)]
    public void Run_PhotoOverwrittenAfterItWasCached_IsNotTakenFromTheCache(TrainingMode mode)
    {
        var recipe = SessionRun.Scratch with { Mode = mode, Epochs = 2 };
        using var before = Trained(recipe, _photos, _cache.Path);
        File.Copy(Path.Combine(_photos.Root, "000.png"), Path.Combine(_photos.Root, Name), overwrite: true);

        using var after = Trained(recipe, _photos, _cache.Path);
        using var again = Trained(recipe, _photos, _cache.Path);

        Assert.NotEqual(before.Losses, after.Losses);
        Assert.Equal(after.Losses, again.Losses);
        Assert.Contains(again.Events.OfType<Logged>(), logged => logged.Text.Contains($"now: {Name}.", StringComparison.Ordinal));
    }

    [Fact]
    public void Run_FullDecode_HasCachesOfItsOwn()
    {
        var recipe = SessionRun.Scratch with { Mode = TrainingMode.Transfer, Epochs = 1 };
        using var scaled = Trained(recipe, _photos, _cache.Path);
        using var full = Trained(recipe with { FullDecode = true }, _photos, _cache.Path);

        Assert.Equal(2, Directory.GetDirectories(Path.Combine(_cache.Path, "features")).Length);
        Assert.Equal(2, Directory.GetDirectories(Path.Combine(_cache.Path, "squares")).Length);
        Assert.True(Training.Core.Export.ModelDescription.Load(full.Folder.Classes).FullDecode);
        Assert.False(Training.Core.Export.ModelDescription.Load(scaled.Folder.Classes).FullDecode);
    }

    private static SessionRun Trained(Recipe recipe, TinyPhotos photos, string? cache)
    {
        var run = new SessionRun(
            new TrainingRequest { Recipe = recipe, Manifest = photos.Manifest, Folder = null!, Events = null!, CacheFolder = cache });
        Assert.Equal(RunOutcome.Completed, run.Train().Outcome);
        return run;
    }
}

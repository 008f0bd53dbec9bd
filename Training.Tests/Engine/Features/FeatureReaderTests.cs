using Training.Core.Data;
using Training.Core.Engine;
using Training.Core.Recipes;
using Training.Core.Runs;
using Training.Tests.TestKit;

namespace Training.Tests.Engine.Features;

[Collection(GlobalTorchState.Name)]
public sealed class FeatureReaderTests : IDisposable
{
    private static readonly Recipe Transfer = SessionRun.Scratch with { Mode = TrainingMode.Transfer, Epochs = 2 };

    private readonly TinyPhotos _photos = new();
    private readonly TemporaryFolder _features = new();

    public void Dispose()
    {
        _features.Dispose();
        _photos.Dispose();
    }

    [Theory]
    [InlineData(AugmentationKind.None)]
    [InlineData(AugmentationKind.CropAndFlip)]
    public void Run_ASecondTime_ComputesNoFeatureAndGivesTheSameNumbers(AugmentationKind augmentation)
    {
        var recipe = Transfer with { Augmentation = augmentation };
        using var first = Trained(recipe, _photos.Manifest);
        using var second = Trained(recipe, _photos.Manifest);

        Assert.NotEmpty(Computed(first));
        Assert.Empty(Computed(second));
        Assert.Equal(first.Losses, second.Losses);
        Assert.Equal(File.ReadAllBytes(first.Folder.BestModel), File.ReadAllBytes(second.Folder.BestModel));
    }

    [Fact]
    public void Run_AfterALabelWasMended_ComputesNoFeature()
    {
        using var first = Trained(Transfer, _photos.Manifest);
        var mended = _photos.Manifest with
        {
            Samples = [.. _photos.Manifest.Samples.Select(sample => sample.Id == 3 ? sample with { Label = 0 } : sample)],
        };

        using var second = Trained(Transfer, mended);

        Assert.Empty(Computed(second));
        Assert.NotEqual(first.Losses, second.Losses);
    }

    [Fact]
    public void Run_OtherSizeOrAnotherImage_ComputesWhatIsMissing()
    {
        using var first = Trained(Transfer, _photos.Manifest);
        File.Copy(Path.Combine(_photos.Root, "000.png"), Path.Combine(_photos.Root, "new.png"));
        var more = _photos.Manifest with
        {
            Samples = [.. _photos.Manifest.Samples,
                new Sample(99, "new.png", 0, Split.Train) { Sha256 = new string('a', 64), Width = 32, Height = 32 }],
        };

        using var larger = Trained(Transfer with { ImageSize = 64 }, _photos.Manifest);
        using var grown = Trained(Transfer, more);

        Assert.NotEmpty(Computed(larger));
        Assert.NotEmpty(Computed(grown));
    }

    [Fact]
    public void Run_CacheFolderCannotBeWritten_SaysSoAndGoesOn()
    {
        File.WriteAllText(_features.In("file"), "no folder");

        using var run = Trained(Transfer, _photos.Manifest, _features.In("file"));

        Assert.Equal(RunOutcome.Completed, run.Events.OfType<Ended>().Single().Outcome);
        Assert.Contains(run.Events.OfType<Logged>(), logged =>
            logged.Level == RunLogLevel.Warning && logged.Text.Contains("not kept", StringComparison.Ordinal));
    }

    private SessionRun Trained(Recipe recipe, DatasetManifest manifest, string? folder = null)
    {
        var run = new SessionRun(new TrainingRequest
        {
            Recipe = recipe, Manifest = manifest, Folder = null!, Events = null!, CacheFolder = folder ?? _features.Path,
        });
        run.Train();
        return run;
    }

    private static IReadOnlyList<PhaseStarted> Computed(SessionRun run) =>
        [.. run.Events.OfType<PhaseStarted>().Where(phase => phase.Text.StartsWith("Computing", StringComparison.Ordinal))];
}

using Training.Core.Data;
using Training.Core.Export;
using Training.Core.Inference;
using Training.Core.Metrics.Predictions;
using Training.Core.Recipes;
using Training.Core.Runs;
using Training.Tests.TestKit;

namespace Training.Tests.Engine.Features;

[Collection(GlobalTorchState.Name)]
public sealed class HeadProbeTests : IDisposable
{
    private static readonly Recipe HeadFirst = SessionRun.Scratch with
    {
        Mode = TrainingMode.FineTune, HeadEpochs = 20, Epochs = 2, BackboneRateFactor = 0.1, Augmentation = AugmentationKind.CropAndFlip,
    };

    private readonly TinyPhotos _photos = new();

    public void Dispose() => _photos.Dispose();

    [Fact]
    public async Task Run_HeadFirst_ReportsTheFrozenProbeAsEpochZeroWithItsFiles()
    {
        using var run = new SessionRun(_photos, HeadFirst);

        var ended = run.Train();

        Assert.Equal(RunOutcome.Completed, ended.Outcome);
        Assert.Equal([0, 1, 2], run.Epochs.Select(epoch => epoch.Epoch));
        var probe = run.Epochs[0];
        Assert.True(probe is { Step: 0, IsBest: true });
        Assert.InRange(probe.ValAccuracy, 0.5, 1);
        var predictions = await PredictionFile.ReadAsync(run.Folder.Predictions(0));
        Assert.Equal(probe.ValAccuracy, (double)predictions.Count(prediction => prediction.IsRight) / predictions.Count);
        Assert.Contains(run.Events.OfType<Logged>(), logged => logged.Text.Contains("line to beat", StringComparison.Ordinal));
        Assert.True(ended.BestValAccuracy >= probe.ValAccuracy);
    }

    [Fact]
    public void Run_EveryEpochAfterItIsWorse_KeepsTheProbeAndSaysSo()
    {
        // A rate that wrecks everything at once.
        using var run = new SessionRun(_photos,
            HeadFirst with { LearningRate = 3, BackboneRateFactor = 1, Optimizer = OptimizerKind.Adam, ClipNorm = 1 });

        var ended = run.Train();

        Assert.Equal(0, ended.BestEpoch);
        Assert.Equal(run.Epochs[0].ValAccuracy, ended.BestValAccuracy);
        Assert.Contains("frozen probe", ended.Reason, StringComparison.Ordinal);
        var reloaded = SavedModel.Evaluate(run.Folder.Path, OnlyVal());
        Assert.Equal(run.Epochs[0].ValAccuracy, reloaded.Accuracy);
        Assert.Equal(0, ModelDescription.Load(run.Folder.Classes).BestEpoch);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Run_TestTimeFlip_SavedModelGivesExactlyTheReportedAccuracyAndLoss(bool transfer)
    {
        var recipe = HeadFirst with { TestTimeFlip = true, Mode = transfer ? TrainingMode.Transfer : TrainingMode.FineTune, Epochs = 1,
            HeadEpochs = 0 };
        using var run = new SessionRun(_photos, recipe);
        run.Train();

        var reloaded = SavedModel.Evaluate(run.Folder.Path, OnlyVal());

        Assert.Equal(run.Epochs[0].ValAccuracy, reloaded.Accuracy);
        Assert.Equal(run.Epochs[0].ValLoss, reloaded.Loss, 1e-6);
    }

    private DatasetManifest OnlyVal() =>
        _photos.Manifest with { Samples = [.. _photos.Manifest.Samples.Where(sample => sample.Split == Split.Val)] };
}

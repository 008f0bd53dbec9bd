using Training.Core.Data;
using Training.Core.Formats;
using Training.Core.Recipes;
using Training.Core.Runs;
using Training.Tests.TestKit;

namespace Training.Tests.Engine;

[Collection(GlobalTorchState.Name)]
public sealed class ResumeTests : IDisposable
{
    private static readonly TimeSpan EveryStep = TimeSpan.Zero;
    private static readonly TimeSpan EveryEpochOnly = TimeSpan.FromDays(1);

    private readonly TinyPhotos _photos = new();
    private readonly TemporaryFolder _folder = new();
    private readonly int _threads = TorchSharp.torch.get_num_threads();

    /// <summary>Steps of milliseconds only wait for a second thread.</summary>
    public ResumeTests() => TorchSharp.torch.set_num_threads(1);

    public void Dispose()
    {
        TorchSharp.torch.set_num_threads(_threads);
        _folder.Dispose();
        _photos.Dispose();
    }

    [Theory]
    [InlineData(TrainingMode.FromScratch, OptimizerKind.AdamW, AugmentationKind.CropAndFlip, true)]
    [InlineData(TrainingMode.FromScratch, OptimizerKind.Sgd, AugmentationKind.Flip, false)]
    [InlineData(TrainingMode.FineTune, OptimizerKind.Adam, AugmentationKind.CropAndFlip, true)]
    [InlineData(TrainingMode.Transfer, OptimizerKind.AdamW, AugmentationKind.None, true)]
    [InlineData(TrainingMode.Transfer, OptimizerKind.Sgd, AugmentationKind.Flip, false)]
    public void Run_CutOffAtRandomSteps_EndsBitForBitAsIfUninterrupted(
        TrainingMode mode, OptimizerKind optimizer, AugmentationKind augmentation, bool everyStep) =>
            CutAndCompare(SmallModel.RecipeOf(mode) with
    {
        Optimizer = optimizer, Augmentation = augmentation, BatchNorm = BatchNormKind.Train, LabelSmoothing = 0.1,
    }, everyStep);

    private void CutAndCompare(Recipe recipe, bool everyStep)
    {
        using var model = new SmallModel([.. _photos.Manifest.Classes]);
        using var whole = new SessionRun(_photos, recipe, model.CopyTo(_folder.In("whole")), EveryEpochOnly) { After = CutAtTheEnd };
        Assert.Throws<Cut>(whole.Train);
        var folder = model.CopyTo(_folder.In("cut"));
        var random = new Random(11);
        var steps = new SortedDictionary<int, double>();
        var epochs = new SortedDictionary<int, EpochCompleted>();
        var cuts = 0;

        for (Ended? ended = null; ended is null;)
        {
            using var attempt = new SessionRun(_photos, recipe, folder, everyStep ? EveryStep : EveryEpochOnly);
            // Without a checkpoint at every step an attempt has to get through an epoch to get on at all.
            var left = everyStep ? random.Next(2, 6) : random.Next(4, 7);
            attempt.After = seen =>
            {
                if (seen is StepCompleted && --left == 0) throw new Cut();
                CutAtTheEnd(ended = seen as Ended);
            };
            Assert.Throws<Cut>(attempt.Train);
            cuts++;
            foreach (var step in attempt.Events.OfType<StepCompleted>()) steps[step.Step] = step.Loss;
            foreach (var epoch in attempt.Epochs) epochs[epoch.Epoch] = epoch;
        }

        Assert.True(cuts > 1, "Nothing was cut off.");
        Assert.Equal(whole.Losses, steps.Values);
        Assert.Equal(whole.Epochs.Select(Numbers), epochs.Values.Select(Numbers));
        Assert.Equal(File.ReadAllBytes(whole.Folder.BestModel), File.ReadAllBytes(folder.BestModel));
        Assert.Equal(Weights(whole.Folder), Weights(folder));
    }

    [Fact]
    public void Run_EveryOptionAndCutOffAtRandomSteps_EndsBitForBitAsIfUninterrupted() =>
        CutAndCompare(SmallModel.RecipeOf(TrainingMode.FineTune) with
    {
        HeadEpochs = 3, BackboneRateFactor = 0.3, LayerRateDecay = 0.8, FrozenStages = 1, ClipNorm = 1,
        EmaDecay = 0.9, Augmentation = AugmentationKind.Trivial, VerticalFlip = true, RandomErasing = 0.5, Mixup = 0.2, Cutmix = 1,
        ProgressiveResizing = true, ImageSize = 64, ClassBalance = ClassBalanceKind.Sampling, Schedule = ScheduleKind.Plateau,
        TestTimeFlip = true, LabelSmoothing = 0.1,
    }, everyStep: true);

    [Fact]
    public void Pause_InTheMiddleOfAnEpoch_GoesOnThereAndRepeatsNoStep()
    {
        using var first = new SessionRun(_photos, SessionRun.Small, new RunFolder(_folder.Path), EveryEpochOnly);
        first.After = seen =>
        {
            if (seen is StepCompleted { Step: 5 }) first.Pause();
        };

        var paused = first.Train();
        using var second = new SessionRun(_photos, SessionRun.Small, first.Folder, EveryEpochOnly);
        var ended = second.Train();

        Assert.Equal(RunOutcome.Paused, paused.Outcome);
        Assert.Contains("epoch 2 after step 5", paused.Reason, StringComparison.Ordinal);
        Assert.Equal(RunOutcome.Completed, ended.Outcome);
        Assert.Equal(Enumerable.Range(6, 4), second.Events.OfType<StepCompleted>().Select(step => step.Step));
        Assert.True(ended.Seconds > paused.Seconds, "The seconds of all attempts count.");
        Assert.Equal(4, File.ReadAllLines(first.Folder.Metrics).Length);
        Assert.False(File.Exists(first.Folder.Checkpoint), "A run that is complete has nothing to resume.");
    }

    [Fact]
    public void Run_CutOffBetweenCheckpointAndModel_WritesTheModelOnResumeAndReportsTheEpoch()
    {
        using var first = new SessionRun(_photos, SessionRun.Small with { Epochs = 1 },
            new RunFolder(_folder.Path)) { After = CutAtTheEnd };
        Assert.Throws<Cut>(first.Train);
        var model = File.ReadAllBytes(first.Folder.BestModel);
        File.Delete(first.Folder.BestModel);

        using var second = new SessionRun(_photos, SessionRun.Small with { Epochs = 1 }, first.Folder);
        second.Train();

        Assert.Equal(model, File.ReadAllBytes(first.Folder.BestModel));
        Assert.Equal(first.Epochs, second.Epochs);
        Assert.Empty(second.Events.OfType<StepCompleted>());
    }

    [Theory]
    [InlineData("cut")]
    [InlineData("garbage")]
    [InlineData("another network")]
    public void Run_CheckpointCannotBeUsed_FailsInWordsAndTouchesNothing(string damage)
    {
        using var first = new SessionRun(_photos, SessionRun.Small with { Epochs = 1 },
            new RunFolder(_folder.Path)) { After = CutAtTheEnd };
        Assert.Throws<Cut>(first.Train);
        var path = first.Folder.Checkpoint;
        var recipe = SessionRun.Small with { Epochs = 2 };
        if (damage == "cut") File.WriteAllBytes(path, File.ReadAllBytes(path)[..5000]);
        else if (damage == "garbage") File.WriteAllText(path, "no tensors here, but long enough to look at");
        else recipe = recipe with { Backbone = "mobilenet_v2" };
        var before = File.ReadAllBytes(path);

        using var second = new SessionRun(_photos, recipe, first.Folder);
        var ended = second.Train();

        Assert.Equal(RunOutcome.Failed, ended.Outcome);
        Assert.Contains("checkpoint", ended.Reason, StringComparison.OrdinalIgnoreCase);
        Assert.Equal(before, File.ReadAllBytes(path));
    }

    private static (int, int, double, double, double, bool) Numbers(EpochCompleted epoch) =>
        (epoch.Epoch, epoch.Step, epoch.TrainLoss, epoch.ValLoss, epoch.ValAccuracy, epoch.IsBest);

    /// <summary>All vectors of the last checkpoint, as bytes.</summary>
    private static Dictionary<string, byte[]> Weights(RunFolder folder)
    {
        using var scope = TorchSharp.torch.NewDisposeScope();
        return SafetensorsFile.Read(folder.Checkpoint).Tensors.ToDictionary(entry => entry.Key, entry => entry.Value.bytes.ToArray());
    }

    /// <summary>A run that completes removes its checkpoint: here it dies just before.</summary>
    private static void CutAtTheEnd(RunEvent? seen)
    {
        if (seen is Ended) throw new Cut();
    }

    /// <summary>As good as a kill: nothing of the session runs after it.</summary>
    private sealed class Cut() : RunSinkException("cut", new IOException());
}

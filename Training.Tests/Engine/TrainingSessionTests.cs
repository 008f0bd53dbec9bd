using TorchSharp;
using Training.Core.Data;
using Training.Core.Export;
using Training.Core.Inference;
using Training.Core.Metrics.Predictions;
using Training.Core.Recipes;
using Training.Core.Runs;
using Training.Tests.TestKit;

namespace Training.Tests.Engine;

[Collection(GlobalTorchState.Name)]
public sealed class TrainingSessionTests : IDisposable
{
    private readonly TinyPhotos _photos = new();

    public void Dispose() => _photos.Dispose();

    [Fact]
    public void Run_ThreeEpochs_ReportsStepsEpochsAndTheEndInOrder()
    {
        using var run = new SessionRun(_photos, SessionRun.Small);

        var ended = run.Train();

        Assert.Equal(RunOutcome.Completed, ended.Outcome);
        Assert.Equal(ended, run.Events[^1]);
        var started = Assert.Single(run.Events.OfType<TrainingStarted>());
        Assert.Equal((3, 3, TinyPhotos.Train, TinyPhotos.Val),
            (started.Epochs, started.StepsPerEpoch, started.TrainSamples, started.ValSamples));
        Assert.Equal(Enumerable.Range(1, 9), run.Events.OfType<StepCompleted>().Select(step => step.Step));
        Assert.Equal([3, 6, 9], run.Epochs.Select(epoch => epoch.Step));
        Assert.Equal(ended.BestValAccuracy, run.Epochs.Max(epoch => epoch.ValAccuracy));
    }

    [Theory]
    [InlineData(1e30)]
    [InlineData(3)]
    public void Run_LossGrowsBeyondMeasure_FailsWithCauseAndRemedyAndKeepsTheBest(double rate)
    {
        using var run = new SessionRun(_photos, SessionRun.Small with
        {
            Epochs = 60, LearningRate = rate, Optimizer = OptimizerKind.Sgd, Schedule = ScheduleKind.Constant, WarmupFraction = 0,
                ClipNorm = 0,
            WeightDecay = 0.9, EarlyStopPatience = 0,
        });

        var ended = run.Train();

        Assert.Equal(RunOutcome.Failed, ended.Outcome);
        Assert.Matches("^The (training loss|validation) .*step [0-9]+", ended.Reason);
        Assert.Contains($"clone the run with {rate / 10}", ended.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Run_LaterEpochsAreWorse_SavedFileGivesExactlyTheReportedAccuracy()
    {
        // Ends right after an epoch that is worse than the best, so saving the last one would show.
        using var run = new SessionRun(_photos, SessionRun.Small with
        {
            Epochs = 100, EarlyStopPatience = 1, LearningRate = 0.02, Schedule = ScheduleKind.Constant,
        });

        var ended = run.Train();

        Assert.Equal(RunOutcome.Completed, ended.Outcome);
        var best = run.Epochs.Last(epoch => epoch.IsBest);
        Assert.Equal(ended.BestEpoch, best.Epoch);
        Assert.True(best.Epoch < run.Epochs[^1].Epoch, "The story needs a best epoch before the last.");
        var val = _photos.Manifest with { Samples = [.. _photos.Manifest.Samples.Where(sample => sample.Split == Split.Val)] };
        var again = SavedModel.Evaluate(run.Folder.Path, val);
        Assert.Equal(best.ValAccuracy, again.Accuracy);
        Assert.Equal(best.ValLoss, again.Loss);
    }

    [Fact]
    public async Task Run_EachEpoch_LeavesPredictionsMetricsAndDescription()
    {
        using var run = new SessionRun(_photos, SessionRun.Scratch with { Mode = TrainingMode.Transfer });

        run.Train();

        foreach (var epoch in run.Epochs)
        {
            var predictions = await PredictionFile.ReadAsync(run.Folder.Predictions(epoch.Epoch));
            Assert.Equal(TinyPhotos.Val, predictions.Count);
            Assert.Equal(epoch.ValAccuracy, (double)predictions.Count(prediction => prediction.IsRight) / predictions.Count);
            Assert.Equal(epoch.ValLoss, predictions.Average(prediction => (double)prediction.Loss), 5);
        }
        Assert.Equal(1 + run.Epochs.Count, File.ReadLines(run.Folder.Metrics).Count());
        var description = ModelDescription.Load(run.Folder.Classes);
        Assert.Equal(["red", "blue"], description.Classes);
        Assert.Equal("ResNet(BasicBlock, [2, 2, 2, 3], num_classes=2)", description.Torchvision);
    }

    [Theory]
    [InlineData(TrainingMode.FromScratch, AugmentationKind.CropAndFlip)]
    [InlineData(TrainingMode.Transfer, AugmentationKind.None)]
    [InlineData(TrainingMode.Transfer, AugmentationKind.Flip)]
    [InlineData(TrainingMode.FineTune, AugmentationKind.Flip)]
    public void Run_SameSeed_SameNumbers(TrainingMode mode, AugmentationKind augmentation)
    {
        var recipe = SmallModel.RecipeOf(mode) with { Augmentation = augmentation, Epochs = 2, Seed = 11 };
        using var model = new SmallModel("red", "blue");
        using var folder = new TemporaryFolder();
        using var first = new SessionRun(_photos, recipe, model.CopyTo(folder.In("first")));
        using var second = new SessionRun(_photos, recipe, model.CopyTo(folder.In("second")));

        first.Train();
        second.Train();

        Assert.Equal(first.Losses, second.Losses);
        Assert.Equal(first.Epochs.Select(epoch => epoch.ValLoss), second.Epochs.Select(epoch => epoch.ValLoss));
    }

    [Fact]
    public void Run_AnotherSeed_OtherNumbers()
    {
        using var first = new SessionRun(_photos, SessionRun.Small with { Epochs = 1, Seed = 11 });
        using var other = new SessionRun(_photos, SessionRun.Small with { Epochs = 1, Seed = 12 });

        first.Train();
        other.Train();

        Assert.NotEqual(first.Losses, other.Losses);
    }

    [Fact]
    public void Run_Transfer_MovesOnlyTheHead()
    {
        using var run = new SessionRun(_photos,
            SessionRun.Scratch with { Mode = TrainingMode.Transfer, Augmentation = AugmentationKind.Flip });

        run.Train();

        using var scope = torch.NewDisposeScope();
        var spec = Core.Backbones.BackboneCatalog.Get(Core.Backbones.BackboneCatalog.BuiltIn);
        var pretrained = Core.Backbones.PretrainedWeights.Create(spec, 2);
        Core.Backbones.PretrainedWeights.LoadInto(pretrained, spec, null);
        var trained = Core.Backbones.PretrainedWeights.Create(spec, 2);
        TorchExport.LoadPth(trained, run.Folder.BestModel);
        var (before, after) = (pretrained.StateDict(), trained.StateDict());
        Assert.All(before.Keys.Where(name => !name.StartsWith("fc.", StringComparison.Ordinal)), name =>
            Assert.True(before[name].equal(after[name]).all().item<bool>(), $"{name} moved."));
    }

    [Fact]
    public void Run_StopInTheMiddle_KeepsTheBestEpochSoFar()
    {
        using var run = new SessionRun(_photos, SessionRun.Small with { Epochs = 50 });
        run.After = runEvent =>
        {
            if (runEvent is StepCompleted { Epoch: 3 }) run.Stop();
        };

        var ended = run.Train();

        Assert.Equal(RunOutcome.Stopped, ended.Outcome);
        Assert.NotNull(ended.BestEpoch);
        Assert.Contains("is kept", ended.Reason, StringComparison.Ordinal);
        Assert.True(File.Exists(run.Folder.BestModel));
        Assert.Equal(2, run.Epochs.Count);
    }

    [Fact]
    public void Run_StopBeforeTheFirstEvaluation_SaysThatThereIsNoModel()
    {
        using var run = new SessionRun(_photos, SessionRun.Small);
        run.After = runEvent =>
        {
            if (runEvent is StepCompleted) run.Stop();
        };

        var ended = run.Train();

        Assert.Equal((RunOutcome.Stopped, null), (ended.Outcome, ended.BestEpoch));
        Assert.Contains("no model", ended.Reason, StringComparison.Ordinal);
        Assert.False(File.Exists(run.Folder.BestModel));
    }

    [Fact]
    public void Abandon_WhileAStepComputes_IsTheLastWord()
    {
        using var run = new SessionRun(_photos, SessionRun.Small);
        run.After = runEvent =>
        {
            if (runEvent is StepCompleted { Step: 5 }) run.Abandon();
        };

        var ended = run.Train();

        Assert.Equal(RunOutcome.Stopped, ended.Outcome);
        Assert.Equal(ended, run.Events[^1]);
        Assert.Equal(5, run.Losses.Count);
    }

    [Fact]
    public void Run_RateFarTooHigh_FailsWithTheStepAndARemedy()
    {
        using var run = new SessionRun(_photos, SessionRun.Small with
        {
            Optimizer = OptimizerKind.Sgd, LearningRate = 10, WeightDecay = 1, Schedule = ScheduleKind.Constant, WarmupFraction = 0,
                Epochs = 200,
        });

        var ended = run.Train();

        Assert.Equal(RunOutcome.Failed, ended.Outcome);
        Assert.Contains("learning rate of 10 is probably too high", ended.Reason, StringComparison.Ordinal);
        Assert.Contains($"step {run.Losses.Count}", ended.Reason, StringComparison.Ordinal);
        Assert.All(run.Epochs, epoch => Assert.True(double.IsFinite(epoch.ValLoss)));
    }

    [Fact]
    public void Run_AnImageIsGone_FailsNamingIt()
    {
        File.Delete(Path.Combine(_photos.Root, "005.png"));
        using var run = new SessionRun(_photos, SessionRun.Small);

        var ended = run.Train();

        Assert.Equal(RunOutcome.Failed, ended.Outcome);
        Assert.Contains("005.png", ended.Reason, StringComparison.Ordinal);
    }

    [SkippableFact]
    public void Run_DiskFullWhileTheModelIsWritten_WaitsForRoomAndGoesOn()
    {
        Skip.IfNot(File.Exists("/dev/full"), "This system has no /dev/full to play a full disk.");
        using var run = new SessionRun(_photos, SessionRun.Small);
        // The temporary file that the model is written to leads to a device that is always full; the second try finds a disk with room.
        File.CreateSymbolicLink(run.Folder.BestModel + ".part", "/dev/full");

        var ended = run.Train();

        Assert.Equal(RunOutcome.Completed, ended.Outcome);
        Assert.Contains(run.Events.OfType<Logged>(), line => line.Text.StartsWith("The disk is full", StringComparison.Ordinal));
        var waits = run.Events.ToList().FindIndex(what => what is PhaseStarted phase && FullDisk.IsWaiting(phase.Text));
        Assert.Matches("best_model.pth, which needs [0-9.]+ [KM]B", ((PhaseStarted)run.Events[waits]).Text);
        Assert.Contains(run.Events.Skip(waits), what => what is PhaseStarted { Text: "" });
        Assert.True(new FileInfo(run.Folder.BestModel).Length > 1_000_000);
        Assert.Empty(Directory.GetFiles(run.Folder.Path, "*.part"));
    }

    [Fact]
    public void Run_NoBetterEpoch_EndsEarly()
    {
        using var run = new SessionRun(_photos, SessionRun.Scratch with
        {
            Mode = TrainingMode.Transfer, Epochs = 100, LearningRate = 1, Schedule = ScheduleKind.Constant, EarlyStopPatience = 2,
        });

        var ended = run.Train();

        Assert.Equal(RunOutcome.Completed, ended.Outcome);
        Assert.InRange(run.Epochs.Count, 3, 99);
        Assert.Contains("ended early", ended.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Run_OfAThousandSteps_LeavesNoTensorBehind()
    {
        using var run = new SessionRun(_photos, SessionRun.Small with
        {
            Epochs = 42, BatchSize = 1, BatchNorm = BatchNormKind.Freeze, EarlyStopPatience = 0,
        });
        var live = new List<long>();
        run.After = runEvent =>
        {
            if (runEvent is StepCompleted) live.Add(DisposeScopeManager.Statistics.ThreadTotalLiveCount);
        };

        // Steps this small take longest in the waiting of threads for each other.
        var threads = torch.get_num_threads();
        torch.set_num_threads(1);
        try
        {
            run.Train();
        }
        finally
        {
            torch.set_num_threads(threads);
        }

        Assert.True(live.Count >= 1000);
        Assert.Equal(live[9], live[^1]);
    }
}

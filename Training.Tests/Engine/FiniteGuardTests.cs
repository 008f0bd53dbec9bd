using Training.Core.Backbones;
using Training.Core.Data;
using Training.Core.Engine;
using Training.Core.Export;
using Training.Core.Formats;
using Training.Core.Inference;
using Training.Core.Metrics;
using Training.Core.Recipes;
using Training.Core.Runs;
using Training.Tests.TestKit;
using static TorchSharp.torch;

namespace Training.Tests.Engine;

/// <summary>What is no number ends a run, and is never taken for an answer.</summary>
[Collection(GlobalTorchState.Name)]
public sealed class FiniteGuardTests : IDisposable
{
    private readonly TinyPhotos _photos = new();
    private readonly TemporaryFolder _folder = new();

    public void Dispose()
    {
        _folder.Dispose();
        _photos.Dispose();
    }

    [Theory]
    [InlineData(0)]
    [InlineData(0.9)]
    public void Run_BatchesOfOneOnAMapOfOnePlace_FailsNamingTheNormAndKeepsNothing(double average)
    {
        using var run = new SessionRun(_photos, SessionRun.Small with { BatchSize = 1, EmaDecay = average });

        var ended = run.Train();

        Assert.Equal((RunOutcome.Failed, null), (ended.Outcome, ended.BestEpoch));
        Assert.Matches(
            @"statistics of a norm are no numbers any more \(features\..*running_var\) in epoch 1, after step 24\..*larger batchSize or imageSize", ended.Reason);
        Assert.Empty(run.Epochs);
        Assert.False(File.Exists(run.Folder.BestModel));
        Assert.False(File.Exists(run.Folder.Checkpoint));
    }

    [Fact]
    public void Run_BatchesOfOneOnALargerMap_IsFine()
    {
        using var run = new SessionRun(_photos, SessionRun.Small with { BatchSize = 1, ImageSize = 33, Epochs = 1 });

        Assert.Equal(RunOutcome.Completed, run.Train().Outcome);
    }

    [Fact]
    public void Run_BreaksAfterGoodEpochs_KeepsTheBestOfThem()
    {
        // The rate rises from nothing to far too high.
        using var run = new SessionRun(_photos, SessionRun.Small with
        {
            Epochs = 40, LearningRate = 10, WarmupFraction = 0.5, Optimizer = OptimizerKind.Sgd, WeightDecay = 1,
                Schedule = ScheduleKind.Constant,
        });

        var ended = run.Train();

        Assert.Equal(RunOutcome.Failed, ended.Outcome);
        Assert.NotNull(ended.BestEpoch);
        Assert.Contains($"The best epoch, {ended.BestEpoch}, is kept.", ended.Reason, StringComparison.Ordinal);
        Assert.All(run.Epochs, epoch => Assert.True(double.IsFinite(epoch.ValLoss) && double.IsFinite(epoch.TrainLoss)));
        Assert.Equal(ended.BestValAccuracy, SavedModel.Evaluate(run.Folder.Path, OnlyVal()).Accuracy);
    }

    [Fact]
    public void Resume_FromACheckpointWithNaN_IsRefusedWithTheName()
    {
        var recipe = SessionRun.Small with { Epochs = 5 };
        using (var first = new SessionRun(_photos, recipe, new RunFolder(_folder.Path)))
        {
            first.After = seen =>
            {
                if (seen is StepCompleted { Step: 4 }) first.Pause();
            };
            Assert.Equal(RunOutcome.Paused, first.Train().Outcome);
        }
        var path = new RunFolder(_folder.Path).Checkpoint;
        Poison(path);
        using var second = new SessionRun(_photos, recipe, new RunFolder(_folder.Path));

        var ended = second.Train();

        Assert.Equal(RunOutcome.Failed, ended.Outcome);
        Assert.Matches("checkpoint.*holds values that are no numbers.*running_var.*Clone the run", ended.Reason);
        Assert.Empty(second.Losses);
    }

    [Fact]
    public void LoadPth_WithAnInfiniteWeight_IsRefusedWithItsName()
    {
        using var scope = NewDisposeScope();
        var network = BackboneCatalog.Get(SessionRun.Small.Backbone).Create(2);
        using (no_grad()) network.StateDict()["classifier.3.bias"][1] = float.PositiveInfinity;
        TorchExport.SavePth(network, _folder.In("x.pth"));

        var error = Assert.Throws<WeightsException>(() =>
            TorchExport.LoadPth(BackboneCatalog.Get(SessionRun.Small.Backbone).Create(2), _folder.In("x.pth")));

        Assert.Contains("'classifier.3.bias' holds values that are no numbers", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(TrainingMode.Transfer, 0)]
    [InlineData(TrainingMode.FineTune, 2)]
    public void Run_BackboneThatOverflows_FailsNamingTheImageAndCachesNothing(TrainingMode mode, int headEpochs)
    {
        using var model = new SmallModel("red", "blue");
        var folder = model.CopyTo(_folder.In("run"));
        Overflow(Path.Combine(folder.StartFolder, "best_model.pth"));
        using var run = new SessionRun(new TrainingRequest
        {
            Recipe = SmallModel.RecipeOf(mode) with { HeadEpochs = headEpochs }, Manifest = _photos.Manifest, Folder = folder,
                Events = null!, CacheFolder = _folder.In("cache"),
        });

        var ended = run.Train();

        Assert.Equal(RunOutcome.Failed, ended.Outcome);
        Assert.Matches(@"What the backbone gives for \d{3}\.png is no number", ended.Reason);
        Assert.Empty(Directory.EnumerateFiles(_folder.In("cache"), "*.features", SearchOption.AllDirectories));
        Assert.False(File.Exists(run.Folder.BestModel));
    }

    [Fact]
    public void Evaluate_AModelThatOverflows_NamesTheImage()
    {
        var folder = OverflowingModel();

        var error = Assert.Throws<NotFiniteException>(() => SavedModel.Evaluate(folder.Path, OnlyVal()));

        Assert.Contains("What the model gives for 024.png is no number", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Export_OfAModelThatOverflows_FailsAndLeavesNoModel()
    {
        var folder = OverflowingModel();

        var error = Assert.Throws<NotFiniteException>(() => ModelExport.Write(folder, _photos.Manifest));

        Assert.StartsWith("model.onnx gives 0 of 12 validation images the same class as the network. For 12 of them the answer is no "
            + "number", error.Message, StringComparison.Ordinal);
        Assert.False(File.Exists(folder.Onnx));
        Assert.False(File.Exists(folder.ExportCheck));
    }

    [Fact]
    public void Predict_OfAModelThatOverflows_GivesAReasonInsteadOfClasses()
    {
        var folder = OverflowingModel();
        ModelExport.Write(folder, samples: null);
        using var model = new OnnxModel(folder.Onnx);

        var answers = FolderPredictor.Run(model, FolderPredictor.Files(_photos.Root), top: 2).ToList();

        Assert.Equal(TinyPhotos.Train + TinyPhotos.Val, answers.Count);
        Assert.All(answers, answer => Assert.Empty(answer.Top));
        Assert.All(answers, answer => Assert.Contains("is no number", answer.Problem, StringComparison.Ordinal));
    }

    private DatasetManifest OnlyVal() =>
        _photos.Manifest with { Samples = [.. _photos.Manifest.Samples.Where(sample => sample.Split == Split.Val)] };

    /// <summary>Every number in it is finite, and no answer is.</summary>
    private RunFolder OverflowingModel()
    {
        var spec = BackboneCatalog.Get(SessionRun.Small.Backbone);
        var folder = new RunFolder(_folder.Path);
        using var scope = NewDisposeScope();
        TorchExport.SavePth(spec.Create(2), folder.BestModel);
        ModelDescription.Of(spec, _photos.Manifest.Classes, SessionRun.Small).Save(folder.Classes);
        Overflow(folder.BestModel);
        return folder;
    }

    private static void Overflow(string path)
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        var network = BackboneCatalog.Get(SessionRun.Small.Backbone).Create(2);
        TorchExport.LoadPth(network, path);
        foreach (var weight in network.parameters().Where(parameter => parameter.dim() == 4)) weight.fill_(1e30);
        TorchExport.SavePth(network, path);
    }

    private static void Poison(string checkpoint)
    {
        using var scope = NewDisposeScope();
        var (tensors, metadata) = SafetensorsFile.Read(checkpoint);
        tensors.First(entry => entry.Key.EndsWith("running_var", StringComparison.Ordinal)).Value[0] = float.NaN;
        SafetensorsFile.Write(checkpoint, tensors, metadata);
    }
}

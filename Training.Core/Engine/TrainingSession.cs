using System.Diagnostics;
using Training.Core.Data;
using Training.Core.Export;
using Training.Core.Predictions;
using Training.Core.Runs;
using static TorchSharp.torch;

namespace Training.Core.Engine;

/// <summary>Trains one run from start to end on the calling thread (dispose scopes belong to a thread).</summary>
public sealed class TrainingSession(TrainingRequest request)
{
    private readonly SessionEvents _events = new(request.Events);
    private readonly EarlyStopping _best = new(request.Recipe.EarlyStopPatience);
    private readonly MetricsFile _metrics = new(request.Folder.Metrics);
    private readonly Stopwatch _watch = Stopwatch.StartNew();
    private int _step;

    private Recipe Recipe => request.Recipe;

    /// <summary>Runs to the end; every way out is reported as <see cref="Ended"/>. Only a sink that throws makes it throw.</summary>
    public Ended Run(CancellationToken stop)
    {
        try
        {
            return End(RunOutcome.Completed, Train(stop));
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return Abandon();
        }
        catch (Exception error) when (error is not RunSinkException)
        {
            _events.Log(error.ToString(), RunLogLevel.Error);
            return End(RunOutcome.Failed, FailureWords.Of(error) + KeptWords);
        }
    }

    /// <summary>
    /// Ends the run as stopped without waiting for the step that is being computed, which can take seconds: for a process that exits right
    /// after. What the best epoch left is on disk already. Callable from any thread; the first end counts.
    /// </summary>
    public Ended Abandon() => End(RunOutcome.Stopped, _best.BestEpoch is null
        ? "Stopped before the first epoch was evaluated, so there is no model."
        : $"Stopped on request.{KeptWords}");

    private string KeptWords => _best.BestEpoch is { } epoch ? $" The best epoch, {epoch}, is kept." : "";

    private Ended End(RunOutcome outcome, string reason) =>
        _events.End(new Ended(outcome, reason, _best.BestEpoch, _best.BestAccuracy, _watch.Elapsed.TotalSeconds));

    private string Train(CancellationToken stop)
    {
        using var scope = NewDisposeScope();
        _events.Report(new PhaseStarted("Loading the network", null));
        var parts = SessionParts.Create(request);
        Describe(parts);
        using var pass = CreatePass(parts, stop);
        using var optimizer = new ScheduledOptimizer(Recipe, parts.Network, pass.StepsPerEpoch * Recipe.Epochs);
        _events.Report(new TrainingStarted(
            Recipe.Epochs, pass.StepsPerEpoch, parts.Train.Count, parts.Val.Count, parts.Device.Name, parts.Device.Precision));

        for (var epoch = 1; epoch <= Recipe.Epochs; epoch++)
        {
            TrainAndEvaluate(epoch, parts, pass, optimizer, stop);
            if (_best.ShouldStop)
                return $"No better epoch for {Recipe.EarlyStopPatience} epochs, so it ended early.{KeptWords}";
        }
        return Recipe.Epochs == 1 ? "The one epoch is done." : $"All {Recipe.Epochs} epochs are done.{KeptWords}";
    }

    private void TrainAndEvaluate(int epoch, SessionParts parts, ITrainingPass pass, ScheduledOptimizer optimizer, CancellationToken stop)
    {
        var rate = new StepRate();
        var loss = TrainEpoch(epoch, pass, optimizer, rate, stop);
        var trainSpeed = rate.Overall;
        var trainSeconds = rate.Elapsed.TotalSeconds;

        var watch = Stopwatch.StartNew();
        var evaluation = pass.Evaluate(stop);
        var evaluationSeconds = watch.Elapsed.TotalSeconds;

        // Predictions first, then the weights, then the word: whoever hears of an epoch finds its files.
        PredictionFile.Write(request.Folder.Predictions(epoch), evaluation.Predictions);
        var isBest = _best.Record(epoch, evaluation.Accuracy, evaluation.Loss);
        if (isBest) Save(parts, epoch, evaluation.Accuracy);
        var completed = new EpochCompleted(
            epoch, _step, loss, evaluation.Loss, evaluation.Accuracy, trainSpeed,
            parts.Val.Count / Math.Max(1e-9, evaluationSeconds), trainSeconds + evaluationSeconds, isBest);
        _metrics.Add(completed);
        _events.Report(completed);
    }

    /// <returns>Mean loss over the epoch's images.</returns>
    private double TrainEpoch(int epoch, ITrainingPass pass, ScheduledOptimizer optimizer, StepRate rate, CancellationToken stop)
    {
        double sum = 0;
        var images = 0;
        foreach (var batch in pass.Batches(epoch, stop))
        {
            stop.ThrowIfCancellationRequested();
            using var scope = NewDisposeScope();
            var learningRate = optimizer.BeginStep(++_step);
            var (logits, labels) = batch.Forward();
            var loss = nn.functional.cross_entropy(logits, labels, label_smoothing: Recipe.LabelSmoothing);
            loss.backward();
            optimizer.Step();

            var value = (double)loss.item<float>(); // waits for the device
            sum += value * batch.Count;
            images += batch.Count;
            _events.Report(new StepCompleted(epoch, _step, value, learningRate, rate.Add(batch.Count)));
            if (!double.IsFinite(value)) throw new DivergedException(value, _step, Recipe.LearningRate);
        }
        return sum / images;
    }

    private ITrainingPass CreatePass(SessionParts parts, CancellationToken stop)
    {
        if (Recipe.Mode != TrainingMode.Transfer || Recipe.Augmentation != AugmentationKind.None) return new ImagePass(parts);
        var total = parts.Train.Count + parts.Val.Count;
        void Progress(int done) => _events.Report(new PhaseStarted($"Computing the features of {total} images", (double)done / total));
        Progress(0);
        return new FeaturePass(parts, Progress, stop);
    }

    private void Save(SessionParts parts, int epoch, double accuracy)
    {
        TorchExport.SavePth(parts.Network, request.Folder.BestModel);
        var description = ModelDescription.Of(parts.Backbone, parts.Manifest.Classes, Recipe);
        (description with { BestEpoch = epoch, ValAccuracy = accuracy }).Save(request.Folder.Classes);
    }

    private void Describe(SessionParts parts)
    {
        var count = parts.Network.parameters().Sum(parameter => parameter.numel());
        _events.Log($"{parts.Backbone.Title}: {count / 1e6:F1} million parameters, {parts.Manifest.Classes.Count} classes.");
        _events.Log($"{parts.Train.Count} training and {parts.Val.Count} validation images at {Recipe.ImageSize} px, batches of {Recipe.BatchSize}.");
        _events.Log($"Computing on {parts.Device.Name} with {get_num_threads()} threads in {parts.Device.Precision}.");
        if (Recipe.Mode == TrainingMode.FineTune)
            _events.Log(parts.FreezeBatchNorm ? "Batch norms keep their pretrained statistics." : "Batch norms learn.");
    }
}

/// <summary>What a session needs.</summary>
public sealed record TrainingRequest
{
    public required Recipe Recipe { get; init; }
    public required DatasetManifest Manifest { get; init; }
    public required RunFolder Folder { get; init; }
    public required IRunEventSink Events { get; init; }

    /// <summary>Where downloaded or dropped weight files lie; null: only the built-in ones.</summary>
    public string? WeightsFolder { get; init; }
}

using System.Diagnostics;
using Training.Core.Engine.Features;
using Training.Core.Engine.Losses;
using Training.Core.Engine.Optimizers;
using Training.Core.Export;
using Training.Core.Metrics;
using Training.Core.Metrics.Predictions;
using Training.Core.Recipes;
using Training.Core.Runs;
using static TorchSharp.torch;

namespace Training.Core.Engine;

/// <summary>
/// Trains one run from start to end, or from its folder's checkpoint on, on the calling thread (dispose scopes belong to a thread).
/// </summary>
public sealed class TrainingSession(TrainingRequest request) : IDisposable
{
    private readonly SessionEvents _events = new(request.Events);
    private readonly EarlyStopping _best = new(request.Recipe.EarlyStopPatience);
    private readonly MetricsFile _metrics = new(request.Folder.Metrics);
    private readonly CancellationTokenSource _pause = new();
    private readonly Stopwatch _watch = Stopwatch.StartNew();
    private readonly TrainingPosition _position = new();
    private Checkpoint? _checkpoint;
    private ScheduledOptimizer? _optimizer;
    private TimeSpan _savedAt;
    private CancellationToken _cancellationToken;
    private double _secondsBefore;
    private int _changedFiles;

    private Recipe Recipe => request.Recipe;

    /// <summary>Runs to the end; every way out is reported as <see cref="Ended"/>. Only a sink that throws makes it throw.</summary>
    public Ended Run(CancellationToken cancellationToken)
    {
        using var halt = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _pause.Token);
        _cancellationToken = cancellationToken;
        try
        {
            var reason = Train(halt.Token);
            if (request.Exports) Export(halt.Token);
            var ended = End(RunOutcome.Completed, reason);
            // There is nothing left to resume.
            File.Delete(request.Folder.Checkpoint);
            if (Directory.Exists(request.Folder.StartFolder)) Directory.Delete(request.Folder.StartFolder, recursive: true);
            return ended;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return Abandon();
        }
        catch (OperationCanceledException) when (_pause.IsCancellationRequested)
        {
            return End(RunOutcome.Paused, _position.Step == 0
                ? "Paused before the first step."
                : $"Paused in epoch {_position.Epoch} after step {_position.Step}.{KeptWords}");
        }
        catch (Exception error) when (error is not RunSinkException)
        {
            _events.Log(error.ToString(), RunLogLevel.Error);
            return End(RunOutcome.Failed, FailureWords.Of(error) + KeptWords);
        }
    }

    /// <summary>Writes a checkpoint after the step under way and ends as paused. Callable from any thread.</summary>
    public void Pause() => _pause.Cancel();

    /// <summary>
    /// Ends the run as stopped without waiting for the step that is being computed, which can take seconds: for a process that exits right
    /// after. What the best epoch left is on disk already. Callable from any thread; the first end counts.
    /// </summary>
    public Ended Abandon() => End(RunOutcome.Stopped, _best.BestEpoch is null
        ? "Stopped before the first epoch was evaluated, so there is no model."
        : $"Stopped on request.{KeptWords}");

    public void Dispose() => _pause.Dispose();

    private string KeptWords => _best.BestEpoch switch
    {
        null => "",
        0 => " No epoch was better than the frozen probe, the head alone, which is kept.",
        { } epoch => $" The best epoch, {epoch}, is kept.",
    };

    private double Seconds => _secondsBefore + _watch.Elapsed.TotalSeconds;

    private Ended End(RunOutcome outcome, string reason) =>
        _events.End(new Ended(outcome, reason, _best.BestEpoch, _best.BestAccuracy, Seconds));

    private string Train(CancellationToken halt)
    {
        using var scope = NewDisposeScope();
        // From here on a folder that is gone is a disk that is gone: nothing makes it again.
        Directory.CreateDirectory(request.Folder.Path);
        _events.Report(new PhaseStarted("Loading the network", null));
        var parts = SessionParts.Create(request);
        parts.Describe(_events);
        var isProbed = request.StartsWithProbe;
        var probe = isProbed ? new HeadProbe(parts, _events).Run(halt) : default;
        using var pass = parts.CreatePass(_events, halt);
        TellOfChanges(parts);
        using var optimizer = new ScheduledOptimizer(Recipe, parts.Network, pass.StepsPerEpoch * Recipe.Epochs);
        _optimizer = optimizer;
        _checkpoint = new Checkpoint(request.Folder.Checkpoint, optimizer, parts.Network);
        var isResumed = Resume(parts);
        _events.Report(new TrainingStarted(
            Recipe.Epochs, pass.StepsPerEpoch, parts.Train.Count, parts.Val.Count, parts.Device.Name, parts.Device.Precision));
        if (isProbed) Conclude(probe.Epoch, probe.Evaluation, parts);
        // The attempt before may have been cut off after the checkpoint and before anyone heard of the epoch.
        if (isResumed && _position.StepOfEpoch == 0 && _metrics.Epochs.Count > 0) Tell(_metrics.Epochs[^1], parts);

        using var criterion = new ClassificationLoss(Recipe, parts.Train, parts.Manifest.Classes.Count, parts.Device);
        var trainer = new EpochTrainer(Recipe, parts.Device, optimizer, criterion, _events.Report, words =>
            _events.Log(words, RunLogLevel.Warning));
        while (_position.Epoch <= Recipe.Epochs)
        {
            if (_best.ShouldStop) return $"No better epoch for {Recipe.EarlyStopPatience} epochs, so it ended early.{KeptWords}";
            TrainAndEvaluate(trainer, parts, pass, halt);
        }
        return Recipe.Epochs == 1 ? "The one epoch is done." : $"All {Recipe.Epochs} epochs are done.{KeptWords}";
    }

    // The training is done and its model is saved: what goes wrong with a file here must not fail the run. An answer that is no number
    // does: it is the model's.
    private void Export(CancellationToken halt)
    {
        _events.Report(new PhaseStarted("Writing the model as ONNX", null));
        try
        {
            ExportCheck? written = null;
            Keep(() => written = ModelExport.Write(request.Folder, request.Manifest, halt));
            if (written is not { } check) return;
            _events.Log(check.Words, check.IsGood ? RunLogLevel.Information : RunLogLevel.Warning);
        }
        catch (Exception error) when (error is not OperationCanceledException and not RunSinkException and not NotFiniteException)
        {
            _events.Log($"The model could not be written as ONNX: {error.Message} The weights in best_model.pth are whole.",
                RunLogLevel.Warning);
        }
    }

    private bool Resume(SessionParts parts)
    {
        if (_checkpoint!.Load() is not { } state) return false;
        _position.Restore(state.Position);
        _best.Restore(state.Best);
        _metrics.Restore(state.Epochs);
        _secondsBefore = state.Seconds;
        _savedAt = _watch.Elapsed;
        _events.Log(_position.StepOfEpoch == 0
            ? $"Goes on with epoch {_position.Epoch} from the checkpoint."
            : $"Goes on in epoch {_position.Epoch} after step {_position.Step} from the checkpoint.");
        return true;
    }

    private void TrainAndEvaluate(EpochTrainer trainer, SessionParts parts, ITrainingPass pass, CancellationToken halt)
    {
        double trainSpeed;
        Evaluation evaluation;
        var watch = new Stopwatch();
        _optimizer!.RateFactor = Recipe.Schedule == ScheduleKind.Plateau
            ? LearningRateSchedule.Plateau(_metrics.Epochs.Where(each => each.Epoch > 0).Select(each => each.ValLoss)) : 1;
        try
        {
            trainSpeed = trainer.Run(_position, pass, () => SaveIfDue(trainer), halt);
            watch.Start();
            using var average = _optimizer.UseAverage();
            evaluation = Evaluate(parts, pass, halt);
        }
        catch (OperationCanceledException) when (_pause.IsCancellationRequested)
        {
            trainer.Flush(_position);
            SaveCheckpoint();
            throw;
        }
        var evaluationSeconds = watch.Elapsed.TotalSeconds;

        var epoch = _position.Epoch;
        Conclude(new EpochCompleted(
            epoch, _position.Step, _position.MeanLoss, evaluation.Loss, evaluation.Accuracy, trainSpeed,
            parts.Val.Count / Math.Max(1e-9, evaluationSeconds), _position.Seconds + evaluationSeconds, IsBest: false), evaluation, parts);
    }

    /// <summary>Of a network that still consists of numbers; nothing is kept of one that doesn't.</summary>
    private Evaluation Evaluate(SessionParts parts, ITrainingPass pass, CancellationToken halt)
    {
        FiniteGuard.Check(parts, _optimizer!, _position);
        try
        {
            return pass.Evaluate(halt);
        }
        catch (NotFiniteException error)
        {
            throw FiniteGuard.Of(error, _position, Recipe);
        }
    }

    /// <summary>Keeps and reports an evaluated epoch.</summary>
    private void Conclude(EpochCompleted epoch, Evaluation evaluation, SessionParts parts)
    {
        var isBest = _best.Record(epoch.Epoch, evaluation.Accuracy, evaluation.Loss);
        var completed = epoch with { IsBest = isBest };
        TellOfChanges(parts);
        // Files first, then the word: whoever hears of an epoch finds them. The checkpoint goes before the model, so that a process that
        // dies between the two writes the model again from the checkpoint.
        Keep(() => PredictionFile.Write(request.Folder.Predictions(epoch.Epoch), evaluation.Predictions));
        _metrics.Add(completed);
        Keep(_metrics.Write);
        _position.BeginEpoch(epoch.Epoch + 1);
        if (isBest || _watch.Elapsed - _savedAt >= request.CheckpointAfterEpoch) SaveCheckpoint();
        Tell(completed, parts);
    }

    /// <summary>Saves the model of an epoch that is the best, while the network still is that epoch's, and reports the epoch.</summary>
    private void Tell(EpochCompleted epoch, SessionParts parts)
    {
        if (epoch.IsBest)
        {
            using var average = _optimizer!.UseAverage();
            Keep(() => TorchExport.SavePth(parts.Network, request.Folder.BestModel));
            var description = ModelDescription.Of(parts.Backbone, parts.Manifest.Classes, Recipe);
            Keep(() => (description with { Precision = parts.Device.Kind, BestEpoch = epoch.Epoch, ValAccuracy = epoch.ValAccuracy })
                .Save(request.Folder.Classes));
        }
        _events.Report(epoch);
    }

    /// <summary>
    /// Photos that were overwritten since the scan are used as they are now: samples.json then says so, whose hashes the review shows its
    /// pictures by, and so does the log.
    /// </summary>
    private void TellOfChanges(SessionParts parts)
    {
        const int named = 10;
        parts.Contents.Save();
        var contents = parts.Changed();
        var paths = request.Manifest.Changed.Union(contents.Keys, StringComparer.Ordinal).ToList();
        if (paths.Count == _changedFiles) return;
        _changedFiles = paths.Count;
        if (contents.Count > 0) Keep(() => request.Manifest.With(contents).Save(request.Folder.Manifest));
        var words = paths.Count == 1 ? "1 image has changed since the dataset was scanned and is used as it is now"
            : $"{paths.Count} images have changed since the dataset was scanned and are used as they are now";
        var more = paths.Count > named ? $" and {paths.Count - named} more" : "";
        _events.Log($"{words}: {string.Join(", ", paths.Take(named))}{more}. Scan the dataset again, so that its pages show the same.",
            RunLogLevel.Warning);
    }

    private void SaveIfDue(EpochTrainer trainer)
    {
        if (_watch.Elapsed - _savedAt < request.CheckpointWithinEpoch) return;
        trainer.Flush(_position);
        SaveCheckpoint();
    }

    private void SaveCheckpoint()
    {
        Keep(() => _checkpoint!.Save(
            new TrainingState { Position = _position, Best = _best.Save(), Epochs = _metrics.Epochs, Seconds = Seconds }));
        _savedAt = _watch.Elapsed;
    }

    /// <summary>Also what the run is doing meanwhile is told: whoever looks at it sees what waits, and for how much.</summary>
    private void Keep(Action write) => FullDisk.Outlast(write, Wait, _cancellationToken, () =>
    {
        _events.Log("There is room on the disk again: the training goes on.");
        _events.Report(new PhaseStarted("", null));
    });

    private void Wait(string words)
    {
        _events.Log(words, RunLogLevel.Warning);
        _events.Report(new PhaseStarted(words, null));
    }
}

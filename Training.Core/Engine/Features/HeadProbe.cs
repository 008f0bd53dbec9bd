using System.Diagnostics;
using System.Globalization;
using Training.Core.Engine.Losses;
using Training.Core.Engine.Optimizers;
using Training.Core.Metrics;
using Training.Core.Recipes;
using Training.Core.Runs;
using static TorchSharp.torch;

namespace Training.Core.Engine.Features;

/// <summary>
/// What a fine-tuning run does first: trains the head alone on the frozen backbone's features and leaves the network with the best of these
/// heads. Full steps from a random head would bend the features to fit it (Kumar et al., "Fine-Tuning can Distort Pretrained Features and
/// Underperform Out-of-Distribution", 2022). Its accuracy is epoch 0, the line that the epochs after it have to beat.
/// </summary>
internal sealed class HeadProbe(SessionParts parts, SessionEvents events)
{
    private const int Patience = 10;

    /// <summary>The transfer preset's settings; see there for how they were found.</summary>
    private readonly SessionParts _frozen = parts with
    {
        Recipe = Presets.Get(Presets.Transfer).Apply(parts.Recipe) with
        {
            Epochs = parts.Recipe.HeadEpochs, EarlyStopPatience = Patience, BatchSize = Math.Min(parts.Recipe.BatchSize, parts.Train.Count),
            ImageSize = parts.Recipe.ImageSize, Resize = parts.Recipe.Resize, Precision = parts.Recipe.Precision,
            FullDecode = parts.Recipe.FullDecode, ClassBalance = parts.Recipe.ClassBalance, TestTimeFlip = parts.Recipe.TestTimeFlip,
        },
    };

    /// <returns>Epoch 0 and its predictions.</returns>
    public (EpochCompleted Epoch, Evaluation Evaluation) Run(CancellationToken cancellationToken)
    {
        using var scope = NewDisposeScope();
        var watch = Stopwatch.StartNew();
        using var reader = new FeatureReader(_frozen, events, cancellationToken);
        using var pass = new FeaturePass(_frozen, reader);
        events.Report(new PhaseStarted("Training the head on frozen features", null));
        using var optimizer = new ScheduledOptimizer(_frozen.Recipe, _frozen.Network, pass.StepsPerEpoch * _frozen.Recipe.Epochs);
        using var criterion = new ClassificationLoss(_frozen.Recipe, _frozen.Train, _frozen.Manifest.Classes.Count, _frozen.Device);
        var trainer = new EpochTrainer(_frozen.Recipe, _frozen.Device, optimizer, criterion, report: _ => { });
        var best = new EarlyStopping(Patience);
        var position = new TrainingPosition();
        Best? kept = null;
        var (evaluating, evaluated) = (new Stopwatch(), 0);
        while (position.Epoch <= _frozen.Recipe.Epochs && !best.ShouldStop)
        {
            var speed = trainer.Run(position, pass, () => { }, cancellationToken);
            evaluating.Start();
            var evaluation = Evaluate(pass, optimizer, position, cancellationToken);
            evaluating.Stop();
            evaluated += evaluation.Predictions.Count;
            if (best.Record(position.Epoch, evaluation.Accuracy, evaluation.Loss))
            {
                kept?.Dispose();
                kept = new Best(CopyOfHead(), evaluation, position.MeanLoss, speed);
            }
            position.BeginEpoch(position.Epoch + 1);
        }
        using (kept)
        {
            TakeHead(kept!.Head);
            events.Log(string.Create(CultureInfo.InvariantCulture, $"The head alone, on frozen features, reaches "
                + $"{Percent.Of(kept.Evaluation.Accuracy)} after {best.BestEpoch} of {position.Epoch - 1} epochs: the line to beat."));
            return (new EpochCompleted(
                0, 0, kept.TrainLoss, kept.Evaluation.Loss, kept.Evaluation.Accuracy, kept.Speed,
                evaluated / Math.Max(1e-6, evaluating.Elapsed.TotalSeconds), watch.Elapsed.TotalSeconds, true), kept.Evaluation);
        }
    }

    private Evaluation Evaluate(
        FeaturePass pass, ScheduledOptimizer optimizer, TrainingPosition position, CancellationToken cancellationToken)
    {
        try
        {
            FiniteGuard.Check(_frozen, optimizer, position);
            return pass.Evaluate(cancellationToken);
        }
        catch (NotFiniteException error)
        {
            throw new NotFiniteException($"The head, which is trained alone before the first epoch, failed: {error.Message} Clone the run "
                + "with headEpochs 0.");
        }
    }

    private IReadOnlyList<Tensor> CopyOfHead()
    {
        using var noGradient = no_grad();
        return [.. _frozen.Network.HeadParameters.Select(parameter => parameter.detach().clone().DetachFromDisposeScope())];
    }

    // Into memory of their own: the optimizer's, which they were views of, goes with it.
    private void TakeHead(IReadOnlyList<Tensor> head)
    {
        using var noGradient = no_grad();
        foreach (var (parameter, values) in _frozen.Network.HeadParameters.Zip(head))
            parameter.set_(values.clone());
    }

    private sealed record Best(IReadOnlyList<Tensor> Head, Evaluation Evaluation, double TrainLoss, double Speed) : IDisposable
    {
        public void Dispose()
        {
            foreach (var tensor in Head) tensor.Dispose();
        }
    }
}

using System.Diagnostics;
using Training.Core.Engine.Features;
using Training.Core.Engine.Losses;
using Training.Core.Engine.Optimizers;
using Training.Core.Recipes;
using Training.Core.Runs;
using static TorchSharp.torch;

namespace Training.Core.Engine.RateSearch;

/// <summary>
/// Trains a recipe for up to a hundred steps while its learning rate grows from far too low to far too high, and suggests one from the
/// losses (Smith 2017). Nothing is kept of the training. On the calling thread.
/// </summary>
public sealed class LearningRateFinder(TrainingRequest request)
{
    /// <summary>Seconds that the sweep may take beside loading and features: fewer steps where a step takes long.</summary>
    private const double Budget = 40;

    /// <summary>The first steps are slower than the others.</summary>
    private const int TrialSteps = 2;

    /// <summary>Everything as in the recipe, but for what changes the rate or the images on the way.</summary>
    private readonly Recipe _recipe = request.Recipe with
    {
        LearningRate = 1, Schedule = ScheduleKind.Constant, WarmupFraction = 0, ProgressiveResizing = false, EmaDecay = 0,
    };

    /// <param name="report">Called for each point, in order.</param>
    /// <exception cref="OperationCanceledException">By <paramref name="cancellationToken"/>.</exception>
    public RateFinding Run(Action<RatePoint> report, CancellationToken cancellationToken)
    {
        using var scope = NewDisposeScope();
        var events = new SessionEvents(request.Events);
        events.Report(new PhaseStarted("Loading the network", null));
        var parts = SessionParts.Create(_recipe, request.Manifest, request.WeightsFolder, request.CacheFolder, StartModel());
        // The sweep begins where the run's own steps do.
        if (_recipe is { Mode: TrainingMode.FineTune, HeadEpochs: > 0 }) new HeadProbe(parts, events).Run(cancellationToken);
        using var pass = parts.CreatePass(events, cancellationToken);
        using var optimizer = new ScheduledOptimizer(_recipe, parts.Network, RateSweep.MostSteps + TrialSteps);
        using var criterion = new ClassificationLoss(_recipe, parts.Train, parts.Manifest.Classes.Count, parts.Device);
        events.Report(new PhaseStarted("Trying learning rates", 0));
        return Sweep(parts, pass, optimizer, criterion, report, cancellationToken);
    }

    private RateFinding Sweep(
        SessionParts parts, ITrainingPass pass, ScheduledOptimizer optimizer, ClassificationLoss criterion, Action<RatePoint> report,
        CancellationToken cancellationToken)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        RateSweep? sweep = null;
        var watch = Stopwatch.StartNew();
        optimizer.RateFactor = RateSweep.For(_recipe, RateSweep.MostSteps).From;
        var trainer = new EpochTrainer(_recipe, parts.Device, optimizer, criterion, step =>
        {
            if (sweep is { IsOver: false }) report(sweep.Add(step.Loss));
        });
        var position = new TrainingPosition();
        try
        {
            while (true)
            {
                trainer.Run(position, pass, AfterStep, over.Token);
                position.BeginEpoch(position.Epoch + 1);
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // The sweep is over.
        }
        catch (DivergedException)
        {
            // As it should at the highest rates.
        }
        return RateFinding.Of(sweep?.Points ?? []);

        void AfterStep()
        {
            // A GPU reports several losses at once; here each is wanted before the next rate.
            trainer.Flush(position);
            if (position.Step == 1) watch.Restart();
            if (position.Step < TrialSteps) return;
            sweep ??= RateSweep.For(_recipe, StepsFor(watch.Elapsed.TotalSeconds));
            if (sweep.IsOver) over.Cancel();
            optimizer.RateFactor = sweep.RateOf(sweep.Points.Count + 1);
        }
    }

    private static int StepsFor(double secondsPerStep) =>
        (int)Math.Clamp(Budget / Math.Max(1e-6, secondsPerStep), RateSweep.FewestSteps, RateSweep.MostSteps);

    private StartModel? StartModel() => _recipe.StartFrom is null ? null : Engine.StartModel.In(request.Folder);
}

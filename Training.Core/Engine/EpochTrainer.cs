using Training.Core.Devices;
using Training.Core.Engine.Losses;
using Training.Core.Engine.Optimizers;
using Training.Core.Recipes;
using Training.Core.Runs;
using static TorchSharp.torch;

namespace Training.Core.Engine;

/// <summary>Steps through an epoch: forward, loss, backward, update.</summary>
/// <param name="report">Called for each step, in order.</param>
/// <param name="warn">Called with a sentence for people.</param>
internal sealed class EpochTrainer(
    Recipe recipe, ComputeDevice device, ScheduledOptimizer optimizer, ClassificationLoss criterion, Action<StepCompleted> report,
    Action<string>? warn = null)
{
    /// <summary>Reading a loss waits for the device, which then has nothing to do: on a GPU several are read at once.</summary>
    private const int LossesReadAtOnce = 10;

    private readonly List<PendingStep> _pending = [];
    private StepRate _rate = new();

    /// <summary>Trains the rest of the position's epoch.</summary>
    /// <param name="afterStep">Called between steps, on this thread.</param>
    /// <returns>Images per second since this call began.</returns>
    /// <exception cref="DivergedException">A loss is NaN or infinite, or all have long been far too high; the step was
    /// reported.</exception>
    public double Run(TrainingPosition position, ITrainingPass pass, Action afterStep, CancellationToken cancellationToken)
    {
        _rate = new StepRate();
        var secondsBefore = position.Seconds;
        foreach (var batch in pass.Batches(position.Epoch, position.StepOfEpoch, cancellationToken))
        {
            cancellationToken.ThrowIfCancellationRequested();
            Step(position, batch);
            position.Seconds = secondsBefore + _rate.Elapsed.TotalSeconds;
            afterStep();
        }
        Flush(position);
        position.Seconds = secondsBefore + _rate.Elapsed.TotalSeconds;
        return _rate.Overall;
    }

    /// <summary>Reads and reports the losses that are still on the device: before the position is looked at.</summary>
    public void Flush(TrainingPosition position)
    {
        if (_pending.Count == 0) return;
        using var scope = NewDisposeScope();
        var losses = stack(_pending.Select(step => step.Loss)).cpu().data<float>().ToArray(); // waits for the device
        foreach (var (step, loss) in _pending.Zip(losses))
        {
            step.Loss.Dispose();
            position.LossSum += (double)loss * step.Images;
            position.Images += step.Images;
            report(new StepCompleted(position.Epoch, step.Step, loss, step.Rate, _rate.Add(step.Images)));
            if (!float.IsFinite(loss)) throw DivergedException.Infinite(loss, step.Step, recipe.LearningRate);
            if (position.Watch.Explodes(loss, criterion.Classes))
                throw DivergedException.Exploding(position.Watch.Mean, criterion.Classes, step.Step, recipe.LearningRate);
        }
        _pending.Clear();
    }

    private void Step(TrainingPosition position, TrainingBatch batch)
    {
        using var scope = NewDisposeScope();
        position.Step++;
        position.StepOfEpoch++;
        double rate;
        Tensor loss;
        try
        {
            (rate, loss) = Descend(position, batch);
        }
        catch (Exception error) when (!position.Halves && batch.Count / 2 >= batch.Least && FailureWords.IsOutOfMemory(error))
        {
            position.Halves = true;
            warn?.Invoke($"The device ran out of memory at step {position.Step}: from here on each batch of {recipe.BatchSize} is "
                + "computed in two halves. Steps and learning rate stay as they are.");
            (rate, loss) = Descend(position, batch);
        }
        optimizer.Step();
        _pending.Add(new PendingStep(position.Step, loss.DetachFromDisposeScope(), rate, batch.Count));
        if (device.IsCpu || _pending.Count == LossesReadAtOnce) Flush(position);
    }

    /// <summary>Forward and backward; the gradients of the halves add up to that of the batch.</summary>
    /// <returns>Learning rate and the batch's mean loss.</returns>
    private (double Rate, Tensor Loss) Descend(TrainingPosition position, TrainingBatch batch)
    {
        // What a failed attempt allocated goes with its scope.
        using var scope = NewDisposeScope();
        var rate = optimizer.BeginStep(position.Step);
        // Dropout and the like draw from libtorch's global source: the same at this step, whatever went before.
        manual_seed(unchecked(recipe.Seed * 1_000_003L + position.Step));
        var (inputs, targets) = batch.Load();
        if (!position.Halves || batch.Count / 2 < batch.Least)
        {
            var loss = criterion.Of(batch.Forward(inputs), targets);
            loss.backward();
            return (rate, loss.detach().MoveToOuterDisposeScope());
        }
        var half = (batch.Count + 1) / 2;
        var first = DescendPart(batch, inputs.narrow(0, 0, half), targets.Rows(0, half), (double)half / batch.Count);
        var second = DescendPart(batch, inputs.narrow(0, half, batch.Count - half), targets.Rows(half, batch.Count - half),
            1 - (double)half / batch.Count);
        return (rate, (first + second).MoveToOuterDisposeScope());
    }

    /// <param name="share">Of the batch's images, 0–1.</param>
    private Tensor DescendPart(TrainingBatch batch, Tensor inputs, Targets targets, double share)
    {
        using var scope = NewDisposeScope();
        var loss = criterion.Of(batch.Forward(inputs), targets) * share;
        loss.backward();
        return loss.detach().MoveToOuterDisposeScope();
    }

    private sealed record PendingStep(int Step, Tensor Loss, double Rate, int Images);
}

/// <summary>Images per second over the last second or so, and over an epoch.</summary>
internal sealed class StepRate(TimeProvider? time = null)
{
    private static readonly TimeSpan Window = TimeSpan.FromSeconds(1);

    /// <summary>Losses that a GPU hands over together arrive within microseconds: between them there is no rate to be seen.</summary>
    private static readonly TimeSpan Shortest = TimeSpan.FromMilliseconds(20);

    private readonly TimeProvider _time = time ?? TimeProvider.System;
    private readonly long _begin = (time ?? TimeProvider.System).GetTimestamp();
    private readonly Queue<(TimeSpan At, int Images)> _steps = new();
    private int _inWindow;
    private long _total;

    public TimeSpan Elapsed => _time.GetElapsedTime(_begin);

    /// <summary>0 before any time has passed.</summary>
    public double Overall => Elapsed is var elapsed && elapsed > TimeSpan.Zero ? _total / elapsed.TotalSeconds : 0;

    /// <summary>Counts a step and returns the rate.</summary>
    public double Add(int images)
    {
        var now = Elapsed;
        _steps.Enqueue((now, images));
        _inWindow += images;
        _total += images;
        while (_steps.Count > 2 && now - _steps.Peek().At > Window) _inWindow -= _steps.Dequeue().Images;
        // The oldest step only marks where the window begins.
        var passed = now - _steps.Peek().At;
        return passed < Shortest ? Overall : (_inWindow - _steps.Peek().Images) / passed.TotalSeconds;
    }
}

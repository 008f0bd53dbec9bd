using Training.Core.Devices;
using Training.Core.Losses;
using Training.Core.Optimizers;
using Training.Core.Runs;

using static TorchSharp.torch;

namespace Training.Core.Engine;

/// <summary>Steps through an epoch: forward, loss, backward, update.</summary>
/// <param name="report">Called for each step, in order.</param>
internal sealed class EpochTrainer(Recipe recipe, ComputeDevice device, ScheduledOptimizer optimizer, ClassificationLoss criterion, Action<StepCompleted> report)
{
    /// <summary>Reading a loss waits for the device, which then has nothing to do: on a GPU several are read at once.</summary>
    private const int LossesReadAtOnce = 10;

    private readonly List<PendingStep> _pending = [];
    private StepRate _rate = new();

    /// <summary>Trains the rest of the position's epoch.</summary>
    /// <param name="afterStep">Called between steps, on this thread.</param>
    /// <returns>Images per second since this call began.</returns>
    /// <exception cref="DivergedException">A loss is NaN or infinite; the step was reported.</exception>
    public double Run(TrainingPosition position, ITrainingPass pass, Action afterStep, CancellationToken stop)
    {
        _rate = new StepRate();
        var secondsBefore = position.Seconds;
        foreach (var batch in pass.Batches(position.Epoch, position.StepOfEpoch, stop))
        {
            stop.ThrowIfCancellationRequested();
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
            if (!float.IsFinite(loss)) throw new DivergedException(loss, step.Step, recipe.LearningRate);
        }
        _pending.Clear();
    }

    private void Step(TrainingPosition position, TrainingBatch batch)
    {
        using var scope = NewDisposeScope();
        position.Step++;
        position.StepOfEpoch++;
        var rate = optimizer.BeginStep(position.Step);
        // Dropout and the like draw from libtorch's global source: the same at this step, whatever went before.
        manual_seed(unchecked(recipe.Seed * 1_000_003L + position.Step));
        var (logits, targets) = batch.Forward();
        var loss = criterion.Of(logits, targets);
        loss.backward();
        optimizer.Step();
        _pending.Add(new PendingStep(position.Step, loss.detach().DetachFromDisposeScope(), rate, batch.Count));
        if (device.IsCpu || _pending.Count == LossesReadAtOnce) Flush(position);
    }

    private sealed record PendingStep(int Step, Tensor Loss, double Rate, int Images);
}

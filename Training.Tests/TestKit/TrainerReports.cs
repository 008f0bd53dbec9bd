using Dashboard.Storage;
using Training.Core.Data;
using Training.Core.Metrics.Predictions;
using Training.Core.Runs;

namespace Training.Tests.TestKit;

/// <summary>What the trainer of a <see cref="RunBuilder"/>'s run would report: falling losses, rising accuracy, all by seed.</summary>
public sealed class TrainerReports(RunBuilder plan, int runId, IReadOnlyList<Sample> validation)
{
    private readonly Dictionary<int, IReadOnlyList<Prediction>> _predictions = [];

    public IReadOnlyList<JournalEntry> Entries()
    {
        var start = TimeProvider.System.GetUtcNow().AddMinutes(-3);
        return [.. Events().Select((runEvent, index) => new JournalEntry(index + 1, start.AddMilliseconds(index * 200), runEvent))];
    }

    /// <summary>Of one epoch: the share of right ones grows with the epoch, unsure ones have neighbours as second guess.</summary>
    public IReadOnlyList<Prediction> PredictionsOf(int epoch)
    {
        if (_predictions.TryGetValue(epoch, out var known)) return known;
        var random = RandomOf(epoch, 0);
        return _predictions[epoch] = [.. validation.Select(sample => Predict(sample, epoch, random))];
    }

    // System.HashCode differs from process to process, and a test that now passes and now fails helps nobody.
    private Random RandomOf(int first, int second) => new(unchecked(((plan.Seed * 31) + first) * 31 + second));

    public StepCompleted Step(int step)
    {
        var random = RandomOf(step, runId);
        var progress = step / (double)(plan.Epochs * plan.StepsPerEpoch);
        var loss = 0.15 + 1.1 * Math.Exp(-4 * progress) + 0.08 * random.NextDouble();
        var rate = 1e-3 * 0.5 * (1 + Math.Cos(Math.PI * progress));
        return new StepCompleted((step - 1) / plan.StepsPerEpoch + 1, step, loss, rate, 240 + 20 * random.NextDouble());
    }

    /// <param name="best">The best accuracy before it.</param>
    public EpochCompleted Epoch(int epoch, double best)
    {
        var predictions = PredictionsOf(epoch);
        var accuracy = predictions.Count(prediction => prediction.IsRight) / (double)predictions.Count;
        var step = epoch * plan.StepsPerEpoch;
        return new EpochCompleted(epoch, step, Step(step).Loss, predictions.Average(p => p.Loss), accuracy, 250, 900, 2.5, accuracy > best);
    }

    private IEnumerable<RunEvent> Events()
    {
        yield return new PhaseStarted($"Computing features of {plan.TrainSamples + plan.ValSamples} images", 0.5);
        yield return new Logged(RunLogLevel.Information,
            $"{plan.Classes.Count} classes, {plan.TrainSamples} training and {plan.ValSamples} validation images");
        yield return new TrainingStarted(plan.Epochs, plan.StepsPerEpoch, plan.TrainSamples, plan.ValSamples, "cpu", "fp32");
        var (bestEpoch, best) = (0, -1.0);
        for (var epoch = 1; epoch <= (plan.DoneEpochs ?? plan.Epochs); epoch++)
        {
            for (var step = (epoch - 1) * plan.StepsPerEpoch + 1; step <= epoch * plan.StepsPerEpoch; step++) yield return Step(step);
            var completed = Epoch(epoch, best);
            if (completed.IsBest) (bestEpoch, best) = (epoch, completed.ValAccuracy);
            yield return completed;
        }
        yield return new Logged(RunLogLevel.Warning, "This run is made up by the tests");
        if (!plan.State.IsEnded()) yield break;
        var outcome = Enum.Parse<RunOutcome>(plan.State.ToString());
        var reason = plan.Reason.Length > 0 ? plan.Reason : $"All {plan.Epochs} epochs are done";
        yield return new Ended(outcome, reason, bestEpoch == 0 ? null : bestEpoch, bestEpoch == 0 ? null : best, 12.5);
    }

    private Prediction Predict(Sample sample, int epoch, Random random)
    {
        var classes = plan.Classes.Count;
        var right = random.NextDouble() < 0.6 + 0.35 * epoch / plan.Epochs;
        var first = right ? sample.Label : (sample.Label + 1 + random.Next(classes - 1)) % classes;
        var confidence = (float)((right ? 0.6 : 0.45) + 0.35 * random.NextDouble());
        var order = Enumerable.Range(0, classes).Where(label => label != first).OrderBy(label => label == sample.Label ? 0 : 1)
            .ThenBy(label => label);
        var top = order.Prepend(first).Take(Prediction.TopK).ToList();
        var rest = 1 - confidence;
        var probabilities = top.Select((_, rank) => rank == 0 ? confidence : rank == top.Count - 1 ? rest : rest /= 2).ToList();
        var ofTruth = top.IndexOf(sample.Label);
        var loss = -MathF.Log(ofTruth < 0 ? 1e-3f : Math.Max(1e-3f, probabilities[ofTruth]));
        return new Prediction(sample.Id, sample.Label, top, probabilities, loss);
    }
}

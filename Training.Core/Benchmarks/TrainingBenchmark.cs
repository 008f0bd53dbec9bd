using System.Diagnostics;
using Training.Core.Data;
using Training.Core.Engine;
using Training.Core.Losses;
using Training.Core.Optimizers;
using Training.Core.Runs;
using static TorchSharp.torch;

namespace Training.Core.Benchmarks;

/// <summary>How fast a recipe trains and evaluates: a real run from files, and the same steps without files.</summary>
public static class TrainingBenchmark
{
    /// <summary>Runs the recipe for its epochs in a temporary folder.</summary>
    /// <returns>Every epoch's figures; the first epoch decodes, later ones may find decoded images in memory.</returns>
    /// <exception cref="InvalidOperationException">The run did not complete; the message has its reason.</exception>
    public static RunFigures FromFiles(Recipe recipe, DatasetManifest manifest, CancellationToken stop)
    {
        var folder = Directory.CreateTempSubdirectory("bench-");
        try
        {
            var sink = new Collector();
            using var session = new TrainingSession(new TrainingRequest
            {
                Recipe = recipe, Manifest = manifest, Folder = new RunFolder(folder.FullName), Events = sink,
            });
            var ended = session.Run(stop);
            stop.ThrowIfCancellationRequested();
            if (ended.Outcome != RunOutcome.Completed) throw new InvalidOperationException(ended.Reason);
            return new RunFigures(sink.Epochs, sink.Started?.Precision ?? "", sink.SecondsToFirstStep, ended.Seconds);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    /// <summary>Training images per second of the same network, batch and settings on a batch that is there already.</summary>
    /// <param name="steps">Measured after two that are not.</param>
    public static double Synthetic(Recipe recipe, DatasetManifest manifest, int steps, CancellationToken stop)
    {
        using var scope = NewDisposeScope();
        var parts = SessionParts.Create(recipe, manifest, weightsFolder: null);
        using var optimizer = new ScheduledOptimizer(recipe, parts.Network, 2 * steps + 2);
        var pass = new SyntheticPass(parts);
        using var criterion = new ClassificationLoss(recipe, parts.Train, manifest.Classes.Count, parts.Device);
        var trainer = new EpochTrainer(recipe, parts.Device, optimizer, criterion, _ => { });
        var position = new TrainingPosition();
        pass.StepsPerEpoch = 2;
        trainer.Run(position, pass, () => { }, stop);
        position.BeginEpoch(2);
        pass.StepsPerEpoch = steps;
        return trainer.Run(position, pass, () => { }, stop);
    }

    private sealed class Collector : IRunEventSink
    {
        private readonly Stopwatch _watch = Stopwatch.StartNew();

        public List<EpochCompleted> Epochs { get; } = [];

        public TrainingStarted? Started { get; private set; }

        public double SecondsToFirstStep { get; private set; }

        public void Report(RunEvent runEvent)
        {
            if (runEvent is TrainingStarted started) (Started, SecondsToFirstStep) = (started, _watch.Elapsed.TotalSeconds);
            if (runEvent is EpochCompleted epoch) Epochs.Add(epoch);
        }
    }

    /// <summary>The same batch again and again.</summary>
    private sealed class SyntheticPass(SessionParts parts) : ITrainingPass
    {
        private readonly Tensor _images = parts.Network.Prepare(
            randn([parts.Recipe.BatchSize, 3, parts.Recipe.ImageSize, parts.Recipe.ImageSize], device: parts.Device.Device), parts.Device.Images);

        private readonly Tensor _labels = zeros([parts.Recipe.BatchSize], ScalarType.Int64, parts.Device.Device);

        public int StepsPerEpoch { get; set; }

        public IEnumerable<TrainingBatch> Batches(int epoch, int skip, CancellationToken stop)
        {
            parts.Network.SetTraining(true, parts.FreezeBatchNorm);
            for (var step = 0; step < StepsPerEpoch; step++)
                yield return new TrainingBatch(parts.Recipe.BatchSize, () => (_images.alias(), new Targets(_labels.alias())), parts.Network.call);
        }

        public Evaluation Evaluate(CancellationToken stop) => throw new NotSupportedException("Nothing to evaluate.");

        public void Dispose()
        {
        }
    }
}

/// <param name="SecondsBeforeFirstStep">Loading the network, and the feature pass where there is one.</param>
/// <param name="Seconds">From start to end.</param>
public sealed record RunFigures(IReadOnlyList<EpochCompleted> Epochs, string Precision, double SecondsBeforeFirstStep, double Seconds);

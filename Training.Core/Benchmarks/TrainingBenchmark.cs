using System.Diagnostics;
using Training.Core.Data;
using Training.Core.Engine;
using Training.Core.Engine.Losses;
using Training.Core.Engine.Optimizers;
using Training.Core.Recipes;
using Training.Core.Runs;
using static TorchSharp.torch;

namespace Training.Core.Benchmarks;

/// <summary>How fast a recipe trains and evaluates: a real run from files, and the same steps without files.</summary>
public static class TrainingBenchmark
{
    /// <summary>Runs the recipe for its epochs in a temporary folder.</summary>
    /// <returns>Every epoch's figures; the first epoch decodes, later ones may find decoded images in memory.</returns>
    /// <exception cref="InvalidOperationException">The run did not complete; the message has its reason.</exception>
    public static RunFigures FromFiles(Recipe recipe, DatasetManifest manifest, CancellationToken cancellationToken)
    {
        var folder = Directory.CreateTempSubdirectory("bench-");
        try
        {
            var sink = new Collector();
            using var session = new TrainingSession(new TrainingRequest
            {
                Recipe = recipe, Manifest = manifest, Folder = new RunFolder(folder.FullName), Events = sink,
            });
            var ended = session.Run(cancellationToken);
            cancellationToken.ThrowIfCancellationRequested();
            if (ended.Outcome != RunOutcome.Completed) throw new InvalidOperationException(ended.Reason);
            return new RunFigures(sink.Epochs, sink.Started?.Precision ?? "", sink.SecondsToFirstStep, ended.Seconds);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    /// <summary>
    /// An epoch from files, then as many steps of the same network and settings on a batch that is there already, in turns: a machine whose
    /// speed changes from minute to minute changes both.
    /// </summary>
    /// <param name="rounds">Measured after one that is not.</param>
    public static PipelineFigures Pipeline(Recipe recipe, DatasetManifest manifest, int rounds, CancellationToken cancellationToken)
    {
        // Nothing is to be learned here, least of all from noise.
        recipe = recipe with { LearningRate = 1e-6 };
        using var scope = NewDisposeScope();
        var parts = SessionParts.Create(recipe, manifest, weightsFolder: null);
        using var files = new ImagePass(parts);
        using var synthetic = new SyntheticPass(parts, files.StepsPerEpoch);
        using var optimizer = new ScheduledOptimizer(recipe, parts.Network, 2 * (rounds + 1) * files.StepsPerEpoch);
        using var criterion = new ClassificationLoss(recipe, parts.Train, manifest.Classes.Count, parts.Device);
        var watch = new Stopwatch();
        var ends = new List<TimeSpan>();
        var trainer = new EpochTrainer(recipe, parts.Device, optimizer, criterion, _ => ends.Add(watch.Elapsed));
        var position = new TrainingPosition();
        var measured = Enumerable.Range(0, rounds + 1).Select(_ => (Files: Epoch(files), Synthetic: Epoch(synthetic))).ToList()[1..];
        var images = files.StepsPerEpoch * recipe.BatchSize;
        return new PipelineFigures(
            new EpochTimes(Math.Min(images, parts.Train.Count), [.. measured.Select(round => round.Files)]),
            new EpochTimes(images, [.. measured.Select(round => round.Synthetic)]));

        IReadOnlyList<double> Epoch(ITrainingPass pass)
        {
            ends.Clear();
            watch.Restart();
            trainer.Run(position, pass, () => { }, cancellationToken);
            position.BeginEpoch(position.Epoch + 1);
            return [.. ends.Select((end, at) => (end - (at == 0 ? TimeSpan.Zero : ends[at - 1])).TotalSeconds)];
        }
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
    private sealed class SyntheticPass(SessionParts parts, int steps) : ITrainingPass
    {
        private readonly Tensor _images = parts.Network.Prepare(
            randn([parts.Recipe.BatchSize, 3, parts.Recipe.ImageSize, parts.Recipe.ImageSize], device: parts.Device.Device),
            parts.Device.Images);

        private readonly Tensor _labels = zeros([parts.Recipe.BatchSize], ScalarType.Int64, parts.Device.Device);

        public int StepsPerEpoch => steps;

        public IEnumerable<TrainingBatch> Batches(int epoch, int skip, CancellationToken cancellationToken)
        {
            parts.Network.SetTraining(true, parts.FreezeBatchNorm);
            for (var step = 0; step < StepsPerEpoch; step++)
                yield return new TrainingBatch(parts.Recipe.BatchSize, () => (_images.alias(), new Targets(_labels.alias())),
                    parts.Network.call);
        }

        public Evaluation Evaluate(CancellationToken cancellationToken) => throw new NotSupportedException("Nothing to evaluate.");

        public void Dispose()
        {
        }
    }
}

/// <summary>Epochs from files beside those from memory.</summary>
public sealed record PipelineFigures(EpochTimes FromFiles, EpochTimes Synthetic)
{
    /// <summary>How much of the speed without files is reached with them.</summary>
    public double Ratio => FromFiles.Undisturbed / Synthetic.Undisturbed;
}

/// <param name="Images">Of an epoch.</param>
/// <param name="Rounds">Each epoch's seconds, step by step.</param>
public sealed record EpochTimes(int Images, IReadOnlyList<IReadOnlyList<double>> Rounds)
{
    /// <summary>Images per second of each round.</summary>
    public IEnumerable<double> Speeds => Rounds.Select(round => Images / round.Sum());

    /// <summary>
    /// Images per second of an epoch each of whose steps takes what it took in its best round: whatever else a machine does only ever slows
    /// a step down, and seldom the same one in every round.
    /// </summary>
    public double Undisturbed => Images / Enumerable.Range(0, Rounds[0].Count).Sum(step => Rounds.Min(round => round[step]));
}

/// <param name="SecondsBeforeFirstStep">Loading the network, and the feature pass where there is one.</param>
/// <param name="Seconds">From start to end.</param>
public sealed record RunFigures(IReadOnlyList<EpochCompleted> Epochs, string Precision, double SecondsBeforeFirstStep, double Seconds);

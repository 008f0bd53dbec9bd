using System.Runtime.InteropServices;
using Microsoft.Extensions.Time.Testing;
using Training.Core.Backbones;
using Training.Core.Devices;
using Training.Core.Engine;
using Training.Core.Engine.Losses;
using Training.Core.Engine.Optimizers;
using Training.Core.Recipes;
using Training.Tests.TestKit;
using static TorchSharp.torch;

namespace Training.Tests.Engine;

[Collection(GlobalTorchState.Name)]
public sealed class EpochTrainerTests
{
    private const int Classes = 3;
    private const int Steps = 4;

    private static readonly Recipe Recipe = SessionRun.Scratch with
    {
        Mode = TrainingMode.Transfer, Optimizer = OptimizerKind.Sgd, LearningRate = 0.1, BatchSize = 7, Schedule = ScheduleKind.Constant,
    };

    [Fact]
    public void Run_OutOfMemoryOnce_ComputesHalvesWithTheSameLossesAndWeights()
    {
        var whole = Train(memory: int.MaxValue);
        var halved = Train(memory: 4);

        Assert.Equal(Steps, halved.Losses.Count);
        Assert.All(whole.Losses.Zip(halved.Losses), pair => Assert.Equal(pair.First, pair.Second, tolerance: 1e-5));
        Assert.All(whole.Weights.Zip(halved.Weights), pair => Assert.Equal(pair.First, pair.Second, tolerance: 1e-5f));
        Assert.Empty(whole.Warnings);
        Assert.Contains("step 1: from here on each batch of 7 is computed in two halves", Assert.Single(halved.Warnings),
            StringComparison.Ordinal);
        Assert.True(halved.Position.Halves);
        Assert.Equal(whole.Position.Images, halved.Position.Images);
    }

    [Fact]
    public void Run_OutOfMemoryInAHalfToo_Fails() =>
        Assert.Contains("half the batch size", FailureWords.Of(Assert.Throws<DeviceException>(() => Train(memory: 3))),
            StringComparison.Ordinal);

    [Fact]
    public void Run_OutOfMemoryWhereAHalfWouldBeTooSmallForANorm_Fails() =>
        Assert.Contains("half the batch size", FailureWords.Of(Assert.Throws<DeviceException>(() => Train(memory: 4, least: 4))),
            StringComparison.Ordinal);

    [Fact]
    public void Rate_OfLossesThatAGpuHandsOverTogether_IsThatOfTheWholeTime()
    {
        var clock = new FakeTimeProvider();
        var rate = new StepRate(clock);
        Assert.Equal(0, rate.Overall);

        clock.Advance(TimeSpan.FromSeconds(2));
        // Ten steps were computed in two seconds and are counted within microseconds.
        var rates = Enumerable.Range(1, 10).Select(_ =>
        {
            clock.Advance(TimeSpan.FromMicroseconds(3));
            return rate.Add(32);
        }).ToList();

        Assert.All(rates, each => Assert.InRange(each, 1, 161));
        Assert.Equal(160, rates[^1], 1.0);
        clock.Advance(TimeSpan.FromMilliseconds(500));
        Assert.InRange(rate.Add(32), 100, 1000);
    }

    [Fact]
    public void Run_AnotherError_IsNotTakenForTooLittleMemory() =>
        Assert.Throws<DeviceException>(() => Train(memory: 4, error: "CUDA error: an illegal memory access was encountered"));

    /// <param name="memory">Rows that fit.</param>
    private static (List<double> Losses, float[] Weights, List<string> Warnings, TrainingPosition Position) Train(
        int memory, string error = "CUDA out of memory. Tried to allocate 2.00 GiB.", int least = 1)
    {
        using var scope = NewDisposeScope();
        manual_seed(5);
        using var network = PretrainedWeights.Create(BackboneCatalog.Get("resnet18"), Classes);
        var device = new ComputeDevice(CPU, ScalarType.Float32);
        using var optimizer = new ScheduledOptimizer(Recipe, network, Steps);
        using var criterion = new ClassificationLoss(Recipe, [], Classes, device);
        var (losses, warnings, position) = (new List<double>(), new List<string>(), new TrainingPosition());
        var trainer = new EpochTrainer(Recipe, device, optimizer, criterion, step => losses.Add(step.Loss), warnings.Add);

        trainer.Run(position, new SmallDevice(network, memory, error, least), () => { }, CancellationToken.None);

        return (losses, network.HeadParameters[0].detach().data<float>().ToArray(), warnings, position);
    }

    /// <summary>What libtorch's errors arrive as.</summary>
    private sealed class DeviceException(string message) : ExternalException(message);

    /// <summary>Random features on a device that takes only so many rows at once.</summary>
    private sealed class SmallDevice(ImageClassifier network, int memory, string error, int least) : ITrainingPass
    {
        public int StepsPerEpoch => Steps;

        public IEnumerable<TrainingBatch> Batches(int epoch, int skip, CancellationToken cancellationToken)
        {
            for (var step = 0; step < Steps; step++)
            {
                var here = step;
                yield return new TrainingBatch(Recipe.BatchSize, () => Load(here), inputs =>
                    inputs.shape[0] <= memory ? network.Classify(inputs) : throw new DeviceException(error), least);
            }
        }

        public Evaluation Evaluate(CancellationToken cancellationToken) => throw new NotSupportedException();

        public void Dispose()
        {
        }

        private (Tensor, Targets) Load(int step)
        {
            var inputs = arange(Recipe.BatchSize * network.FeatureCount, ScalarType.Float32).view(Recipe.BatchSize, network.FeatureCount);
            return ((inputs * (step + 1)).sin(), new Targets(arange(Recipe.BatchSize, ScalarType.Int64) % Classes));
        }
    }
}

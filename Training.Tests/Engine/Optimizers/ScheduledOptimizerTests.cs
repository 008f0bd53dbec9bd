using TorchSharp.Modules;
using Training.Core.Backbones;
using Training.Core.Engine.Optimizers;
using Training.Core.Recipes;
using Training.Tests.TestKit;
using static TorchSharp.torch;

namespace Training.Tests.Engine.Optimizers;

[Collection(GlobalTorchState.Name)]
public sealed class ScheduledOptimizerTests
{
    private static readonly Recipe Plain = new()
    {
        Dataset = "none", Mode = TrainingMode.FineTune, Optimizer = OptimizerKind.Sgd, LearningRate = 0.1, WeightDecay = 0,
        Schedule = ScheduleKind.Constant, WarmupFraction = 0,
    };

    [Fact]
    public void Step_RatesByLayer_MovesEachStageByItsOwn()
    {
        using var scope = NewDisposeScope();
        using var network = PretrainedWeights.Create(BackboneCatalog.Get("resnet18"), 2);
        var before = First(network);
        using var optimizer = new ScheduledOptimizer(Plain with { BackboneRateFactor = 0.5, LayerRateDecay = 0.4 }, network, 1);

        StepWithGradientsOfOne(optimizer, network);

        // Gradient 1 everywhere: SGD moves a weight by its rate.
        var moved = First(network).Zip(before, (after, start) => start - after).ToArray();
        Assert.Equal([0.1 * 0.5 * 0.0256, 0.1 * 0.5 * 0.064, 0.1 * 0.5 * 0.16, 0.1 * 0.5 * 0.4, 0.1 * 0.5, 0.1], moved, (a, b) =>
            Math.Abs(a - b) < 1e-6);
    }

    [Fact]
    public void Step_FrozenStages_StayAndAskForNoGradient()
    {
        using var scope = NewDisposeScope();
        using var network = PretrainedWeights.Create(BackboneCatalog.Get("resnet18"), 2);
        var before = First(network);
        using var optimizer = new ScheduledOptimizer(Plain with { FrozenStages = 2 }, network, 1);

        StepWithGradientsOfOne(optimizer, network);

        Assert.Equal([true, true, false, false, false, false], First(network).Zip(before, (after, start) => after == start));
        Assert.All(network.BackboneStages.Take(2).SelectMany(stage => stage), parameter => Assert.False(parameter.requires_grad));
        Assert.DoesNotContain(optimizer.Layout, name => name.StartsWith("layer1.", StringComparison.Ordinal));
        Assert.Contains(optimizer.Layout, name => name.StartsWith("layer2.", StringComparison.Ordinal));
    }

    [Fact]
    public void BackboneStages_OfEveryNetwork_HoldEveryParameterButTheHeadsOnce()
    {
        foreach (var spec in BackboneCatalog.All.Where(spec => spec.Name is "resnet18-builtin" or "resnet50"))
        {
            using var scope = NewDisposeScope();
            using var network = PretrainedWeights.Create(spec, 2);
            var all = network.parameters().Select(parameter => parameter.Handle).ToHashSet();

            var parts = network.BackboneParameters.Concat(network.HeadParameters).Select(parameter => parameter.Handle).ToList();

            Assert.Equal(all.Count, parts.Count);
            Assert.True(all.SetEquals(parts));
            Assert.True(network.BackboneStages.Count > 2);
        }
    }

    [Fact]
    public void ClipGradients_AnyLength_GivesWhatPyTorchGives()
    {
        var cases = Reference.Cases("Engine/Optimizers", "schedules.txt").Where(line => line[0] == "clip").ToList();
        Assert.Equal(4, cases.Count);
        foreach (var line in cases)
        {
            using var scope = NewDisposeScope();
            using var parameters = new FlatParameters([new Parameter(zeros(3), requires_grad: true)]);
            using var noGradient = no_grad();
            parameters.Gradients.copy_(tensor([.. Reference.Numbers(line[2]).Select(value => (float)value)]));

            parameters.ClipGradients(Reference.Numbers(line[1])[0]);

            Assert.Equal(Reference.Numbers(line[3]), parameters.Gradients.data<float>().ToArray().Select(value => (double)value), (a, b) =>
                Math.Abs(a - b) < 1e-6);
        }
    }

    [Fact]
    public void Plateau_OverLosses_IsPyTorchsReduceLROnPlateau()
    {
        var cases = Reference.Cases("Engine/Optimizers", "schedules.txt").Where(line => line[0] == "plateau").ToList();
        Assert.Equal(6, cases.Count);
        Assert.All(cases, line =>
            Assert.Equal(Reference.Numbers(line[2])[0], LearningRateSchedule.Plateau(Reference.Numbers(line[1])), 1e-12));
    }

    [Fact]
    public void UseAverage_WhileUsed_NetworkHoldsTheMovingAverageAndThenItsOwnAgain()
    {
        using var scope = NewDisposeScope();
        using var network = PretrainedWeights.Create(BackboneCatalog.Get("resnet18"), 2);
        var start = First(network)[5];
        using var optimizer = new ScheduledOptimizer(Plain with { EmaDecay = 0.9 }, network, 3);
        var (expected, live) = (start, start);
        for (var step = 1; step <= 3; step++)
        {
            StepWithGradientsOfOne(optimizer, network, step);
            live = First(network)[5];
            // At first it forgets faster than by the decay asked for.
            var decay = Math.Min(0.9, (1.0 + step) / (10 + step));
            expected = decay * expected + (1 - decay) * live;
        }

        using (optimizer.UseAverage()) Assert.Equal(expected, First(network)[5], 1e-6);
        Assert.Equal(live, First(network)[5]);
        Assert.NotEqual(expected, live, 1e-3);
    }

    private static void StepWithGradientsOfOne(ScheduledOptimizer optimizer, ImageClassifier network, int step = 1)
    {
        optimizer.BeginStep(step);
        using (no_grad())
            foreach (var parameter in network.parameters()) parameter.grad?.fill_(1);
        optimizer.Step();
    }

    /// <summary>A weight of each stage and of the head.</summary>
    private static double[] First(ImageClassifier network) =>
    [
        .. network.BackboneStages.Append(network.HeadParameters).Select(stage => (double)stage[0].detach().flatten()[0].item<float>()),
    ];
}

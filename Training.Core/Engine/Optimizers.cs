using TorchSharp.Modules;
using Training.Core.Backbones;
using Training.Core.Runs;
using static TorchSharp.torch;

namespace Training.Core.Engine;

/// <summary>
/// The recipe's optimizer with its parameters in groups: head and backbone may have different rates, and norms and biases never decay.
/// </summary>
internal sealed class ScheduledOptimizer : IDisposable
{
    private const double Momentum = 0.9;

    private readonly Recipe _recipe;
    private readonly int _steps;
    private readonly optim.Optimizer _optimizer;
    private readonly IReadOnlyList<(optim.ILearningRateController Group, double Factor)> _groups;

    /// <param name="steps">Of the whole run.</param>
    public ScheduledOptimizer(Recipe recipe, ImageClassifier network, int steps)
    {
        (_recipe, _steps) = (recipe, steps);
        var parts = Parts(recipe, network).ToList();
        Parameters = [.. parts.SelectMany(part => part.Parameters)];
        _optimizer = Create(recipe, parts);
        _groups = [.. _optimizer.ParamGroups.Zip(parts, (group, part) => (group, part.RateFactor))];
    }

    /// <summary>Everything that moves.</summary>
    public IReadOnlyList<Parameter> Parameters { get; }

    /// <summary>Sets the rates for a step, from 1, and returns the head's.</summary>
    public double BeginStep(int step)
    {
        var rate = _recipe.LearningRate
            * LearningRateSchedule.Factor(_recipe.Schedule, step, _steps, _recipe.WarmupFraction);
        foreach (var (group, factor) in _groups) group.LearningRate = rate * factor;
        _optimizer.zero_grad();
        return rate;
    }

    public void Step() => _optimizer.step();

    public void Dispose() => _optimizer.Dispose();

    private static IEnumerable<Part> Parts(Recipe recipe, ImageClassifier network)
    {
        var sides = recipe.Mode == TrainingMode.Transfer
            ? new[] { (network.HeadParameters, 1.0) }
            : [(network.HeadParameters, 1.0), (network.BackboneParameters, recipe.BackboneRateFactor)];
        foreach (var (parameters, factor) in sides)
        {
            // Norms and biases are the parameters with one dimension.
            var decaying = parameters.Where(parameter => parameter.dim() > 1).ToList();
            var others = parameters.Where(parameter => parameter.dim() <= 1).ToList();
            if (decaying.Count > 0) yield return new Part(decaying, factor, recipe.WeightDecay);
            if (others.Count > 0) yield return new Part(others, factor, 0);
        }
    }

    private static optim.Optimizer Create(Recipe recipe, IReadOnlyList<Part> parts) => recipe.Optimizer switch
    {
        OptimizerKind.Adam => optim.Adam(parts.Select(part => new Adam.ParamGroup(part.Parameters, weight_decay: part.WeightDecay))),
        OptimizerKind.Sgd => optim.SGD(
            parts.Select(part => new SGD.ParamGroup(part.Parameters, momentum: Momentum, weight_decay: part.WeightDecay)),
            recipe.LearningRate, Momentum),
        _ => optim.AdamW(parts.Select(part => new AdamW.ParamGroup(part.Parameters, weight_decay: part.WeightDecay))),
    };

    private sealed record Part(IReadOnlyList<Parameter> Parameters, double RateFactor, double WeightDecay);
}

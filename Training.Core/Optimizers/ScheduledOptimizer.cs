using TorchSharp.Modules;
using Training.Core.Backbones;
using Training.Core.Runs;
using static TorchSharp.torch;

namespace Training.Core.Optimizers;

/// <summary>
/// The recipe's optimizer with its parameters in groups: head and backbone may have different rates, and norms and biases never decay.
/// </summary>
internal sealed class ScheduledOptimizer : IDisposable
{
    private readonly Recipe _recipe;
    private readonly int _steps;
    private readonly FlatParameters _parameters;
    private readonly UpdateRule _rule;
    private readonly IReadOnlyList<Group> _groups;
    private int _step;
    private double _rate;

    /// <param name="network">On its device already; its parameters become views of this optimizer's, so they don't outlive it.</param>
    /// <param name="steps">Of the whole run.</param>
    public ScheduledOptimizer(Recipe recipe, ImageClassifier network, int steps)
    {
        (_recipe, _steps) = (recipe, steps);
        var groups = new List<Group>();
        var ordered = new List<Parameter>();
        long first = 0;
        foreach (var (parameters, factor, decay) in Parts(recipe, network))
        {
            var count = parameters.Sum(parameter => parameter.numel());
            groups.Add(new Group(new Slice(first, count), factor, decay));
            ordered.AddRange(parameters);
            first += count;
        }
        _groups = groups;
        _parameters = new FlatParameters(ordered);
        _rule = UpdateRule.Create(recipe.Optimizer, _parameters);
        var names = network.named_parameters().ToDictionary(
            entry => entry.parameter, entry => entry.name, (IEqualityComparer<Parameter>)ReferenceEqualityComparer.Instance);
        Layout = [.. ordered.Select(parameter => names[parameter])];
    }

    /// <summary>Names of everything that moves, in the order of the vectors of <see cref="State"/>.</summary>
    public IReadOnlyList<string> Layout { get; }

    /// <summary>The weights that move and what the optimizer remembers: live vectors, to be saved or overwritten.</summary>
    public IReadOnlyDictionary<string, Tensor> State =>
        new Dictionary<string, Tensor>(_rule.State) { ["values"] = _parameters.Values };

    /// <summary>Zeroes the gradients and returns the head's rate for a step.</summary>
    /// <param name="step">From 1, over the whole run.</param>
    public double BeginStep(int step)
    {
        _step = step;
        _rate = _recipe.LearningRate * LearningRateSchedule.Factor(_recipe.Schedule, step, _steps, _recipe.WarmupFraction);
        _parameters.Gradients.zero_();
        return _rate;
    }

    public void Step()
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        foreach (var group in _groups)
            _rule.Apply(_parameters.Values, _parameters.Gradients, group.Slice, _step, _rate * group.RateFactor, group.WeightDecay);
    }

    public void Dispose()
    {
        foreach (var vector in _rule.State.Values) vector.Dispose();
        _parameters.Dispose();
    }

    private static IEnumerable<(IReadOnlyList<Parameter> Parameters, double RateFactor, double WeightDecay)> Parts(
        Recipe recipe, ImageClassifier network)
    {
        var sides = recipe.Mode == TrainingMode.Transfer
            ? new[] { (network.HeadParameters, 1.0) }
            : [(network.HeadParameters, 1.0), (network.BackboneParameters, recipe.BackboneRateFactor)];
        foreach (var (parameters, factor) in sides)
        {
            // Norms and biases are the parameters with one dimension.
            var decaying = parameters.Where(parameter => parameter.dim() > 1).ToList();
            var others = parameters.Where(parameter => parameter.dim() <= 1).ToList();
            if (decaying.Count > 0) yield return (decaying, factor, recipe.WeightDecay);
            if (others.Count > 0) yield return (others, factor, 0);
        }
    }

    private sealed record Group(Slice Slice, double RateFactor, double WeightDecay);
}

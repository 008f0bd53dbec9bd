using TorchSharp.Modules;
using Training.Core.Backbones;
using Training.Core.Recipes;
using static TorchSharp.torch;

namespace Training.Core.Engine.Optimizers;

/// <summary>
/// The recipe's optimizer with its parameters in groups: head and stages of the backbone may have different rates, and norms and biases
/// never decay.
/// </summary>
internal sealed class ScheduledOptimizer : IDisposable
{
    private readonly Recipe _recipe;
    private readonly int _steps;
    private readonly FlatParameters _parameters;
    private readonly UpdateRule _rule;
    private readonly WeightAverage? _average;
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
        foreach (var group in ParameterGroups.Of(recipe, network))
        {
            var count = group.Parameters.Sum(parameter => parameter.numel());
            groups.Add(new Group(new Slice(first, count), group.RateFactor, group.WeightDecay));
            ordered.AddRange(group.Parameters);
            first += count;
        }
        _groups = groups;
        _parameters = new FlatParameters(ordered);
        _rule = UpdateRule.Create(recipe.Optimizer, _parameters);
        if (recipe.EmaDecay > 0) _average = new WeightAverage(_parameters, network, recipe.EmaDecay);
        var names = network.named_parameters().ToDictionary(
            entry => entry.parameter, entry => entry.name, (IEqualityComparer<Parameter>)ReferenceEqualityComparer.Instance);
        Layout = [.. ordered.Select(parameter => names[parameter])];
    }

    /// <summary>Names of everything that moves, in the order of the vectors of <see cref="State"/>.</summary>
    public IReadOnlyList<string> Layout { get; }

    /// <summary>All weights that move, one after the other: what the network computes with, so the averages while those are used.</summary>
    public Tensor Moving => _parameters.Values;

    /// <summary>The weights that move and what the optimizer remembers: live vectors, to be saved or overwritten.</summary>
    public IReadOnlyDictionary<string, Tensor> State
    {
        get
        {
            var state = new Dictionary<string, Tensor>(_rule.State) { ["values"] = _parameters.Values };
            if (_average is not null)
                foreach (var (name, vector) in _average.State) state.Add($"average.{name}", vector);
            return state;
        }
    }

    /// <summary>A factor on every rate beside the schedule's, which may depend on the epochs so far.</summary>
    public double RateFactor { get; set; } = 1;

    /// <summary>Zeroes the gradients and returns the head's rate for a step.</summary>
    /// <param name="step">From 1, over the whole run.</param>
    public double BeginStep(int step)
    {
        _step = step;
        _rate = RateFactor * _recipe.LearningRate * LearningRateSchedule.Factor(_recipe.Schedule, step, _steps, _recipe.WarmupFraction);
        _parameters.Gradients.zero_();
        return _rate;
    }

    public void Step()
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        if (_recipe.ClipNorm > 0) _parameters.ClipGradients(_recipe.ClipNorm);
        foreach (var group in _groups)
            _rule.Apply(_parameters.Values, _parameters.Gradients, group.Slice, _step, _rate * group.RateFactor, group.WeightDecay);
        _average?.Update(_step);
    }

    /// <summary>
    /// Lets the network compute with what is to be saved, the averaged weights if the recipe wants them, until it is disposed.
    /// </summary>
    public IDisposable? UseAverage() => _average?.Use();

    public void Dispose()
    {
        foreach (var vector in _rule.State.Values) vector.Dispose();
        _average?.Dispose();
        _parameters.Dispose();
    }

    private sealed record Group(Slice Slice, double RateFactor, double WeightDecay);
}

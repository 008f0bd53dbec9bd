using static TorchSharp.torch;

namespace Training.Core.Engine.Optimizers;

/// <summary>How an optimizer moves a vector of weights by its gradient, and what it remembers between steps.</summary>
internal abstract class UpdateRule
{
    /// <summary>Vectors as long as the parameters, by name: what a checkpoint has to keep beside the step's number.</summary>
    public abstract IReadOnlyDictionary<string, Tensor> State { get; }

    /// <summary>Moves a part of the parameters; called without gradients.</summary>
    /// <param name="slice">The part: first index and count.</param>
    /// <param name="step">From 1.</param>
    public abstract void Apply(Tensor values, Tensor gradients, Slice slice, int step, double rate, double weightDecay);

    public static UpdateRule Create(Recipes.OptimizerKind kind, FlatParameters parameters) => kind switch
    {
        Recipes.OptimizerKind.Sgd => new MomentumRule(parameters),
        Recipes.OptimizerKind.Adam => new AdamRule(parameters, decoupledDecay: false),
        _ => new AdamRule(parameters, decoupledDecay: true),
    };

    protected static Tensor Zeros(FlatParameters parameters) => zeros_like(parameters.Values).DetachFromDisposeScope();

    protected static Tensor Part(Tensor vector, Slice slice) => vector.narrow(0, slice.First, slice.Count);

    /// <summary>The gradient with L2's share.</summary>
    protected static Tensor Decayed(Tensor gradient, Tensor values, double weightDecay) =>
        weightDecay == 0 ? gradient : gradient.add(values, alpha: weightDecay);
}

internal readonly record struct Slice(long First, long Count);

/// <summary>Adam (Kingma and Ba 2014), or AdamW with decay apart from the gradient (Loshchilov and Hutter 2017), as in PyTorch.</summary>
internal sealed class AdamRule(FlatParameters parameters, bool decoupledDecay) : UpdateRule
{
    private const double Beta1 = 0.9;
    private const double Beta2 = 0.999;
    private const double Epsilon = 1e-8;

    private readonly Tensor _mean = Zeros(parameters);
    private readonly Tensor _square = Zeros(parameters);

    public override IReadOnlyDictionary<string, Tensor> State =>
        new Dictionary<string, Tensor> { ["mean"] = _mean, ["square"] = _square };

    public override void Apply(Tensor values, Tensor gradients, Slice slice, int step, double rate, double weightDecay)
    {
        var weights = Part(values, slice);
        var gradient = Part(gradients, slice);
        if (decoupledDecay) weights.mul_(1 - rate * weightDecay);
        else gradient = Decayed(gradient, weights, weightDecay);
        var mean = Part(_mean, slice).lerp_(gradient, 1 - Beta1);
        var square = Part(_square, slice).mul_(Beta2).addcmul_(gradient, gradient, 1 - Beta2);
        var (correction1, correction2) = (1 - Math.Pow(Beta1, step), 1 - Math.Pow(Beta2, step));
        weights.addcdiv_(mean, square.sqrt().div_(Math.Sqrt(correction2)).add_(Epsilon), -rate / correction1);
    }
}

/// <summary>Gradient descent with momentum 0.9, as in PyTorch.</summary>
internal sealed class MomentumRule(FlatParameters parameters) : UpdateRule
{
    private const double Momentum = 0.9;

    private readonly Tensor _velocity = Zeros(parameters);

    public override IReadOnlyDictionary<string, Tensor> State => new Dictionary<string, Tensor> { ["velocity"] = _velocity };

    public override void Apply(Tensor values, Tensor gradients, Slice slice, int step, double rate, double weightDecay)
    {
        var weights = Part(values, slice);
        // From zero, so that the first step is the gradient itself.
        var velocity = Part(_velocity, slice).mul_(Momentum).add_(Decayed(Part(gradients, slice), weights, weightDecay));
        weights.add_(velocity, alpha: -rate);
    }
}

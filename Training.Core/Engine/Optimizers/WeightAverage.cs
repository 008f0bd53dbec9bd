using Training.Core.Backbones;
using static TorchSharp.torch;

namespace Training.Core.Engine.Optimizers;

/// <summary>
/// An exponential moving average of the moving weights and of the batch norms' statistics. Early on it forgets faster, so that it isn't
/// held back by the start: the decay of step t is min(decay, (1 + t) / (10 + t)), as in TensorFlow's and timm's.
/// </summary>
internal sealed class WeightAverage : IDisposable
{
    private const string Weights = "weights";

    private readonly double _decay;
    private readonly IReadOnlyDictionary<string, Tensor> _live;
    private readonly Dictionary<string, Tensor> _averages = [];

    public WeightAverage(FlatParameters parameters, ImageClassifier network, double decay)
    {
        _decay = decay;
        var live = network.named_buffers().Where(entry => entry.buffer.is_floating_point())
            .ToDictionary(entry => entry.name, entry => entry.buffer);
        live.Add(Weights, parameters.Values);
        _live = live;
        foreach (var (name, tensor) in live) _averages[name] = tensor.detach().clone().DetachFromDisposeScope();
    }

    /// <summary>The averages by name: live, to be saved or overwritten.</summary>
    public IReadOnlyDictionary<string, Tensor> State => _averages;

    /// <param name="step">From 1. Called without gradients.</param>
    public void Update(int step)
    {
        var decay = Math.Min(_decay, (1.0 + step) / (10 + step));
        foreach (var (name, tensor) in _live) _averages[name].lerp_(tensor, 1 - decay);
    }

    /// <summary>Exchanges averages and live weights until it is disposed.</summary>
    public IDisposable Use()
    {
        Exchange();
        return new Exchanged(Exchange);
    }

    public void Dispose()
    {
        foreach (var tensor in _averages.Values) tensor.Dispose();
    }

    private void Exchange()
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        foreach (var (name, tensor) in _live)
        {
            var former = tensor.clone();
            tensor.copy_(_averages[name]);
            _averages[name].copy_(former);
        }
    }

    private sealed class Exchanged(Action back) : IDisposable
    {
        public void Dispose() => back();
    }
}

using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Training.Core.Engine.Optimizers;

/// <summary>
/// Parameters one after the other in a single vector, and their gradients in another: the network's own tensors become views of them.
/// An optimizer then needs a handful of native calls a step and not ten for every layer, and a checkpoint is a few vectors.
/// </summary>
internal sealed class FlatParameters : IDisposable
{
    /// <param name="parameters">All on one device; of four dimensions are channels-last.</param>
    public FlatParameters(IReadOnlyList<Parameter> parameters)
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        var device = parameters[0].device;
        Count = parameters.Sum(parameter => parameter.numel());
        Values = empty([Count], ScalarType.Float32, device).DetachFromDisposeScope();
        Gradients = zeros([Count], ScalarType.Float32, device).DetachFromDisposeScope();
        long first = 0;
        foreach (var parameter in parameters)
        {
            var values = View(Values, first, parameter);
            values.copy_(parameter);
            parameter.set_(values);
            // A gradient that exists is added to in place, so the views stay.
            parameter.grad = View(Gradients, first, parameter).DetachFromDisposeScope();
            first += parameter.numel();
        }
    }

    public long Count { get; }

    /// <summary>(Count), float32.</summary>
    public Tensor Values { get; }

    /// <summary>(Count), float32; sums up until it is zeroed.</summary>
    public Tensor Gradients { get; }

    /// <summary>Shortens the gradient to a length if it is longer; as PyTorch's clip_grad_norm_. Nothing waits for the device.</summary>
    public void ClipGradients(double longest)
    {
        using var scope = NewDisposeScope();
        Gradients.mul_((longest / (Gradients.norm() + 1e-6)).clamp_(max: 1));
    }

    public void Dispose()
    {
        Values.Dispose();
        Gradients.Dispose();
    }

    private static Tensor View(Tensor flat, long first, Tensor like)
    {
        var part = flat.narrow(0, first, like.numel());
        var shape = like.shape;
        return shape.Length == 4
            ? part.view(shape[0], shape[2], shape[3], shape[1]).permute(0, 3, 1, 2)
            : part.view(shape);
    }
}

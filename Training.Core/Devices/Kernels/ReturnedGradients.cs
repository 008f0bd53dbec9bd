using static TorchSharp.torch;

namespace Training.Core.Devices.Kernels;

/// <summary>
/// Gradients that an autograd function of ours has handed to libtorch. It takes them over only after the function has returned, and tells
/// nobody; kept until the end of the step, the gradients of all layers would be in memory together.
/// </summary>
internal static class ReturnedGradients
{
    [ThreadStatic]
    private static IReadOnlyList<Tensor>? _last;

    /// <summary>
    /// Lets go of what the function before returned: libtorch has it by now. The last ones of a step go with the step's scope.
    /// </summary>
    public static void Release()
    {
        foreach (var tensor in _last ?? []) tensor.Dispose();
        _last = null;
    }

    /// <summary>Call with what a function is about to return.</summary>
    public static void Keep(params IReadOnlyList<Tensor> gradients) => _last = gradients;
}

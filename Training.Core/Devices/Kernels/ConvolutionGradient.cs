using System.Runtime.Intrinsics.X86;
using static TorchSharp.torch;

namespace Training.Core.Devices.Kernels;

/// <summary>
/// The gradient of 3x3 convolutions' weights by <see cref="WeightGradientKernel"/> where libtorch's own is slow: on processors with AVX2
/// but without AVX-512, where oneDNN 3.7 reaches half of what they can do.
/// </summary>
internal static class ConvolutionGradient
{
    // Of fewer pixels in all images the sums' way to memory and back costs more than their products.
    private const long LeastPixels = 512;

    /// <summary>Whether <see cref="Convolve"/> is the faster way to a convolution without bias, padded by a half of its kernel.</summary>
    /// <param name="input">(n, inputs, h, w).</param>
    /// <param name="weight">(outputs, inputs / groups, kernel, kernel).</param>
    public static bool IsFaster(Tensor input, Tensor weight, int stride, int groups) =>
        IsFasterHere && groups == 1 && input.dtype == ScalarType.Float32 && weight.requires_grad && is_grad_enabled()
        && Covers(input, weight)
        && input.shape is [var images, _, var height, var width] && images * height * width >= LeastPixels * stride * stride;

    /// <summary>
    /// The convolution with padding 1; as libtorch's in every number but the weight's gradient, whose sums are rounded in another order.
    /// </summary>
    /// <returns>(n, outputs, h, w), channels-last where the input is; lives in the caller's dispose scope.</returns>
    public static Tensor Convolve(Tensor input, Tensor weight, int stride)
    {
        // The function keeps a tensor as large as its output in the scope in case that no gradient comes.
        using var scope = NewDisposeScope();
        var output = nn.functional.conv2d(input, weight.detach(), null, [stride, stride], [1, 1]);
        return WeightFunction.apply(output, weight, input.detach(), stride).MoveToOuterDisposeScope();
    }

    /// <summary>Whether this processor is one of them.</summary>
    internal static bool IsFasterHere { get; } = Avx2.IsSupported && !Avx512F.IsSupported && WeightGradientKernel.IsSupported;

    private static bool Covers(Tensor input, Tensor weight) =>
        input.device_type == TorchSharp.DeviceType.CPU
        && weight.shape is [var outputs, var inputs, WeightGradientPlan.Kernel, WeightGradientPlan.Kernel]
        && outputs % WeightGradientPlan.TileOutputs == 0 && inputs % WeightGradientPlan.TileInputs == 0;

    /// <summary>The weight's gradient.</summary>
    /// <param name="input">(n, inputs, h, w).</param>
    /// <param name="gradient">Of the output: (n, outputs, h', w').</param>
    /// <param name="threads">1 or more; part of what decides the order of the sums.</param>
    /// <returns>(outputs, inputs, 3, 3), channels-last.</returns>
    internal static unsafe Tensor Of(Tensor input, Tensor gradient, int stride, int threads)
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        var (images, gradients) = (input.permute(0, 2, 3, 1).contiguous(), gradient.permute(0, 2, 3, 1).contiguous());
        var plan = new WeightGradientPlan(
            (int)images.shape[0], (int)images.shape[3], (int)gradients.shape[3], (int)images.shape[1], (int)images.shape[2], stride,
            threads);
        var weights = empty(plan.Outputs, WeightGradientPlan.Kernel, WeightGradientPlan.Kernel, plan.Inputs);
        var workspace = empty(WeightGradientKernel.Workspace(plan));
        WeightGradientKernel.Run(plan, (float*)images.First(), (float*)gradients.First(), (float*)weights.First(),
            (float*)workspace.First());
        return weights.permute(0, 3, 1, 2).MoveToOuterDisposeScope();
    }

    /// <summary>Passes a convolution's output on, and computes the weight's gradient from the output's.</summary>
    private sealed class WeightFunction : autograd.SingleTensorFunction<WeightFunction>
    {
        public override string Name => nameof(WeightFunction);

        /// <param name="vars">The convolution's output, its weight, its input, its stride.</param>
        public override Tensor forward(autograd.AutogradContext ctx, params object[] vars)
        {
            ctx.save_for_backward([(Tensor)vars[2]]);
            ctx.save_data("stride", vars[3]);
            return (Tensor)vars[0];
        }

        public override List<Tensor> backward(autograd.AutogradContext ctx, Tensor grad_output)
        {
            ReturnedGradients.Release();
            Tensor weight;
            using (var input = ctx.get_saved_variables()[0])
                weight = Of(input, grad_output, (int)ctx.get_data("stride"), get_num_threads());
            // The node lives as long as the graph: without this, so would the inputs of all layers.
            ctx.Dispose();
            ReturnedGradients.Keep(grad_output, weight);
            return [grad_output, weight, null!, null!];
        }
    }
}

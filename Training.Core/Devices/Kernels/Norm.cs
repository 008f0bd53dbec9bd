using TorchSharp;
using static TorchSharp.torch;

namespace Training.Core.Devices.Kernels;

/// <summary>Batch normalisation, a shortcut that is added and ReLU in one by <see cref="NormKernel"/>, with its gradient.</summary>
internal static unsafe class Norm
{
    /// <summary>
    /// Whether <see cref="Apply"/> can take the images: float32 or bfloat16 on the CPU, channels-last, channels a multiple of 32, more than
    /// one pixel in all.
    /// </summary>
    public static bool Covers(Tensor images) =>
        NormKernel.IsSupported && images.device_type == DeviceType.CPU && images.dtype is ScalarType.Float32 or ScalarType.BFloat16
        && images.shape is [var count, var channels, var height, var width] && channels % Channels.Count == 0 && count * height * width > 1
        && images.IsChannelsLast();

    /// <param name="images">(n, channels, h, w).</param>
    /// <param name="shortcut">Added to the normalised images; of their shape and type.</param>
    /// <param name="relu">Whether negative results become 0.</param>
    /// <param name="training">By the batch's own statistics, which move the running ones; otherwise by the running ones.</param>
    /// <returns>As the images in shape, type and layout; lives in the caller's dispose scope.</returns>
    public static Tensor Apply(Tensor images, NormState state, Tensor? shortcut, bool relu, bool training)
    {
        using var scope = NewDisposeScope();
        if (shortcut?.IsChannelsLast() == false) shortcut = shortcut.ChannelsLast();
        var way = new Way(relu, training);
        var asks = is_grad_enabled() && (images.requires_grad || state.Weight.requires_grad || shortcut?.requires_grad == true);
        var result = (asks, shortcut) switch
        {
            (false, _) => Forward(images, state, shortcut, way).Result,
            (true, null) => NormFunction.apply(images, state.Weight, state.Bias, state, way),
            _ => NormFunction.apply(images, state.Weight, state.Bias, state, way, shortcut),
        };
        return result.MoveToOuterDisposeScope();
    }

    private static (Tensor Result, Tensor Scale) Forward(Tensor images, NormState state, Tensor? shortcut, Way way)
    {
        var plan = PlanOf(images);
        var scale = NormScale.Of(plan, images, state, way.Training);
        var result = empty_like(images);
        var call = new NormKernel.Call
        {
            Plan = plan, Images = images.FirstPixel(), Shortcut = shortcut is null
                ? null : shortcut.FirstPixel(), Result = result.FirstPixel(), Relu = way.Relu,
            Scale = NormScale.Row(scale, NormScale.Scale), Shift = NormScale.Row(scale, NormScale.Shift),
        };
        if (images.dtype == ScalarType.Float32) NormKernel.Apply<Float32Numbers>(call);
        else NormKernel.Apply<BFloat16Numbers>(call);
        return (result, scale);
    }

    private static NormKernel.Plan PlanOf(Tensor images)
    {
        var shape = images.shape;
        return new(shape[0] * shape[2] * shape[3], (int)shape[1], Math.Max(1, get_num_threads()));
    }

    private sealed record Way(bool Relu, bool Training);

    private sealed record Gradients(Tensor Images, Tensor Weight, Tensor Bias, Tensor? Shortcut);

    private sealed class NormFunction : autograd.SingleTensorFunction<NormFunction>
    {
        private const string Saved = "way";

        public override string Name => nameof(NormFunction);

        /// <param name="vars">Images, weight, bias, <see cref="NormState"/>, <see cref="Way"/>, and the shortcut if there is one.</param>
        public override Tensor forward(autograd.AutogradContext ctx, params object[] vars)
        {
            var images = (Tensor)vars[0];
            var way = (Way)vars[4];
            var shortcut = vars.Length > 5 ? (Tensor)vars[5] : null;
            var (result, scale) = Forward(images, (NormState)vars[3], shortcut, way);
            // Only ReLU's gradient needs the result. An alias: the result itself would keep the graph, which keeps what is saved.
            ctx.save_for_backward(way.Relu ? [images, scale, result.detach()] : [images, scale]);
            ctx.save_data(Saved, (way, shortcut is not null));
            return result;
        }

        public override List<Tensor> backward(autograd.AutogradContext ctx, Tensor grad_output)
        {
            ReturnedGradients.Release();
            var (way, hasShortcut) = ((Way, bool))ctx.get_data(Saved);
            var gradients = Of(grad_output, ctx, way, hasShortcut);
            // The node lives as long as the graph: without this, so would the images of all layers.
            ctx.Dispose();
            grad_output.Dispose();
            if (gradients.Shortcut is not { } shortcut)
            {
                ReturnedGradients.Keep(gradients.Images, gradients.Weight, gradients.Bias);
                return [gradients.Images, gradients.Weight, gradients.Bias, null!, null!];
            }
            ReturnedGradients.Keep(gradients.Images, gradients.Weight, gradients.Bias, shortcut);
            return [gradients.Images, gradients.Weight, gradients.Bias, null!, null!, shortcut];
        }

        private static Gradients Of(Tensor gradient, autograd.AutogradContext context, Way way, bool hasShortcut)
        {
            using var scope = NewDisposeScope();
            using var noGradient = no_grad();
            var saved = context.get_saved_variables();
            var (images, scale) = (saved[0], saved[1]);
            if (!gradient.IsChannelsLast()) gradient = gradient.ChannelsLast();
            var plan = PlanOf(images);
            var gradients = new Gradients(
                empty_like(images), empty(plan.Channels), empty(plan.Channels), hasShortcut ? empty_like(images) : null);
            var call = new NormKernel.Call
            {
                Plan = plan, Images = images.FirstPixel(), Result = way.Relu
                    ? saved[2].FirstPixel() : null, Relu = way.Relu, ResultGradient = gradient.FirstPixel(),
                Mean = NormScale.Row(scale, NormScale.Mean), Scale = NormScale.Row(scale, NormScale.Scale),
                ShortcutGradient = gradients.Shortcut is { } shortcut ? shortcut.FirstPixel() : null,
                ImagesGradient = way.Training ? null : gradients.Images.FirstPixel(),
                Sums = (double*)zeros(plan.Workspace, ScalarType.Float64).First(),
            };
            if (images.dtype == ScalarType.Float32) Run<Float32Numbers>(call, scale, way.Training, gradients);
            else Run<BFloat16Numbers>(call, scale, way.Training, gradients);
            foreach (var tensor in new[] { gradients.Images, gradients.Weight, gradients.Bias, gradients.Shortcut })
                tensor?.MoveToOuterDisposeScope();
            return gradients;
        }

        private static void Run<TNumbers>(
            NormKernel.Call call, Tensor scale, bool training, Gradients gradients) where TNumbers : struct, IPixelNumbers
        {
            NormKernel.Sums<TNumbers>(call);
            var plan = call.Plan;
            var inverse = NormScale.Row(scale, NormScale.InverseDeviation);
            float* weight = NormScale.Row(gradients.Weight), bias = NormScale.Row(gradients.Bias);
            for (var c = 0; c < plan.Channels; c++)
                (bias[c], weight[c]) = ((float)call.Sums[c], (float)(call.Sums[plan.Channels + c] * inverse[c]));
            if (!training) return;
            var means = empty(2, plan.Channels);
            call.Shift = NormScale.Row(means, 0);
            call.Slope = NormScale.Row(means, 1);
            for (var c = 0; c < plan.Channels; c++)
                (call.Shift[c], call.Slope[c]) = (bias[c] / plan.Pixels, weight[c] * inverse[c] / plan.Pixels);
            // The shortcut's gradient is what ReLU let through.
            if (call.ShortcutGradient != null)
            {
                call.ResultGradient = call.ShortcutGradient;
                call.Relu = false;
            }
            call.ImagesGradient = gradients.Images.FirstPixel();
            NormKernel.Gradient<TNumbers>(call);
        }
    }
}

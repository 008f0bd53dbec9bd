using static TorchSharp.torch;

namespace Training.Core.Devices.Kernels;

/// <summary>The parameters and running statistics of a batch normalisation, each (channels) in float32.</summary>
/// <param name="Epsilon">Added to a variance.</param>
/// <param name="Momentum">Part of a batch's statistics in the running ones.</param>
internal sealed record NormState(Tensor Weight, Tensor Bias, Tensor Mean, Tensor Variance, double Epsilon, double Momentum);

/// <summary>What a batch normalisation does to each channel: a result is its number · scale + shift.</summary>
internal static unsafe class NormScale
{
    /// <summary>The rows of what <see cref="Of"/> returns.</summary>
    public const int Mean = 0, InverseDeviation = 1, Scale = 2, Shift = 3;

    private const int Rows = 4;

    /// <summary>By the images' statistics, which move the running ones, or by the running ones.</summary>
    /// <returns>(4, channels), float32; lives in the caller's dispose scope.</returns>
    public static Tensor Of(NormKernel.Plan plan, Tensor images, NormState state, bool training)
    {
        using var scope = NewDisposeScope();
        var result = empty(Rows, plan.Channels);
        float* mean = Row(result, Mean), inverse = Row(result, InverseDeviation), scale = Row(result, Scale), shift = Row(result, Shift);
        float* runningMean = Row(state.Mean), runningVariance = Row(state.Variance), weight = Row(state.Weight), bias = Row(state.Bias);
        if (training)
        {
            var sums = Moments(plan, images, mean);
            for (var c = 0; c < plan.Channels; c++)
            {
                var offset = sums[c] / plan.Pixels;
                var variance = Math.Max(0, sums[plan.Channels + c] / plan.Pixels - offset * offset);
                mean[c] += (float)offset;
                inverse[c] = (float)(1 / Math.Sqrt(variance + state.Epsilon));
                runningMean[c] += (float)(state.Momentum * (mean[c] - runningMean[c]));
                runningVariance[c] += (float)(state.Momentum * (variance * plan.Pixels / (plan.Pixels - 1) - runningVariance[c]));
            }
        }
        else
        {
            for (var c = 0; c < plan.Channels; c++)
                (mean[c], inverse[c]) = (runningMean[c], (float)(1 / Math.Sqrt(runningVariance[c] + state.Epsilon)));
        }
        for (var c = 0; c < plan.Channels; c++)
        {
            scale[c] = weight[c] * inverse[c];
            shift[c] = bias[c] - mean[c] * scale[c];
        }
        return result.MoveToOuterDisposeScope();
    }

    /// <param name="row">One of the constants above.</param>
    public static float* Row(Tensor channels, int row = 0) => (float*)channels.First() + row * channels.shape[^1];

    /// <summary>
    /// Sums of the differences from a first guess of the mean, which is left in <paramref name="mean"/>, and of their squares.
    /// </summary>
    private static double* Moments(NormKernel.Plan plan, Tensor images, float* mean)
    {
        // Any pixel is near enough to the mean that squares of differences don't lose the variance.
        var first = images.slice(0, 0, 1, 1).slice(2, 0, 1, 1).slice(3, 0, 1, 1).flatten().to(ScalarType.Float32).contiguous();
        new ReadOnlySpan<float>(first.First(), plan.Channels).CopyTo(new Span<float>(mean, plan.Channels));
        var sums = (double*)zeros(plan.Workspace, ScalarType.Float64).First();
        var call = new NormKernel.Call { Plan = plan, Images = images.FirstPixel(), Mean = mean, Sums = sums };
        if (images.dtype == ScalarType.Float32) NormKernel.Moments<Float32Numbers>(call);
        else NormKernel.Moments<BFloat16Numbers>(call);
        return sums;
    }
}

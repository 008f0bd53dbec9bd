using static Training.Core.Backbones.ActivationKind;

namespace Training.Core.Backbones;

/// <summary>The tables of the papers, with torchvision's constants.</summary>
internal static class MobileSpecs
{
    public static MobileSpec MobileNetV2(WeightsSource weights) => new("mobilenet_v2", "MobileNetV2", 1280, weights)
    {
        Stages =
        [
            Repeat(1, Expanding(1, 3, 32, 16, 1, Relu6)), Repeat(2, Expanding(6, 3, 16, 24, 2, Relu6)),
            Repeat(3, Expanding(6, 3, 24, 32, 2, Relu6)), Repeat(4, Expanding(6, 3, 32, 64, 2, Relu6)),
            Repeat(3, Expanding(6, 3, 64, 96, 1, Relu6)), Repeat(3, Expanding(6, 3, 96, 160, 2, Relu6)),
            Repeat(1, Expanding(6, 3, 160, 320, 1, Relu6)),
        ],
        Activation = Relu6,
        LastWidth = 1280,
    };

    public static MobileSpec MobileNetV3Small(WeightsSource weights) =>
        MobileNetV3("mobilenet_v3_small", "MobileNetV3 small", 1024, weights,
    [
        V3(16, 3, 16, 16, true, Relu, 2), V3(16, 3, 72, 24, false, Relu, 2), V3(24, 3, 88, 24, false, Relu, 1),
        V3(24, 5, 96, 40, true, HardSwish, 2), V3(40, 5, 240, 40, true, HardSwish, 1), V3(40, 5, 240, 40, true, HardSwish, 1),
        V3(40, 5, 120, 48, true, HardSwish, 1), V3(48, 5, 144, 48, true, HardSwish, 1),
        V3(48, 5, 288, 96, true, HardSwish, 2), V3(96, 5, 576, 96, true, HardSwish, 1), V3(96, 5, 576, 96, true, HardSwish, 1),
    ]);

    public static MobileSpec MobileNetV3Large(WeightsSource weights) =>
        MobileNetV3("mobilenet_v3_large", "MobileNetV3 large", 1280, weights,
    [
        V3(16, 3, 16, 16, false, Relu, 1), V3(16, 3, 64, 24, false, Relu, 2), V3(24, 3, 72, 24, false, Relu, 1),
        V3(24, 5, 72, 40, true, Relu, 2), V3(40, 5, 120, 40, true, Relu, 1), V3(40, 5, 120, 40, true, Relu, 1),
        V3(40, 3, 240, 80, false, HardSwish, 2), V3(80, 3, 200, 80, false, HardSwish, 1), V3(80, 3, 184, 80, false, HardSwish, 1),
        V3(80, 3, 184, 80, false, HardSwish, 1), V3(80, 3, 480, 112, true, HardSwish, 1), V3(112, 3, 672, 112, true, HardSwish, 1),
        V3(112, 5, 672, 160, true, HardSwish, 2), V3(160, 5, 960, 160, true, HardSwish, 1), V3(160, 5, 960, 160, true, HardSwish, 1),
    ]);

    public static MobileSpec EfficientNetB0(WeightsSource weights) => new("efficientnet_b0", "EfficientNet-B0", 1280, weights)
    {
        Stages =
        [
            Repeat(1, Efficient(1, 3, 32, 16, 1)), Repeat(2, Efficient(6, 3, 16, 24, 2)), Repeat(2, Efficient(6, 5, 24, 40, 2)),
            Repeat(3, Efficient(6, 3, 40, 80, 2)), Repeat(3, Efficient(6, 5, 80, 112, 1)), Repeat(4, Efficient(6, 5, 112, 192, 2)),
            Repeat(1, Efficient(6, 3, 192, 320, 1)),
        ],
        HasStages = true,
        Activation = Silu,
        LastWidth = 1280,
        StochasticDepth = 0.2,
        LinearBound = outputs => 1 / Math.Sqrt(outputs),
    };

    private static MobileSpec MobileNetV3(
        string name, string title, int features, WeightsSource weights, IReadOnlyList<MobileBlockShape> blocks) =>
            new(name, title, features, weights)
        {
            Stages = [blocks],
            Activation = HardSwish,
            LastWidth = 6 * blocks[^1].Outputs,
            NormEpsilon = 1e-3,
            NormMomentum = 0.01,
        };

    private static MobileBlockShape V3(
        int inputs, int kernel, int expanded, int outputs, bool squeezes, ActivationKind activation, int stride) =>
        new(inputs, kernel, expanded, outputs, squeezes ? Divisible(expanded / 4) : 0, activation, stride);

    private static MobileBlockShape Expanding(int ratio, int kernel, int inputs, int outputs, int stride, ActivationKind activation) =>
        new(inputs, kernel, inputs * ratio, outputs, 0, activation, stride);

    private static MobileBlockShape Efficient(int ratio, int kernel, int inputs, int outputs, int stride) =>
        Expanding(ratio, kernel, inputs, outputs, stride, Silu) with { Squeezed = inputs / 4 };

    /// <summary>The first block changes size and width; the others keep both.</summary>
    private static IReadOnlyList<MobileBlockShape> Repeat(int count, MobileBlockShape first)
    {
        var next = first with
        {
            Inputs = first.Outputs,
            Expanded = first.Expanded / first.Inputs * first.Outputs,
            Squeezed = first.Squeezed > 0 ? first.Outputs / 4 : 0,
            Stride = 1,
        };
        return [first, .. Enumerable.Repeat(next, count - 1)];
    }

    /// <summary>The nearest multiple of eight that is at most a tenth below; at least eight.</summary>
    private static int Divisible(int channels)
    {
        var rounded = Math.Max(8, (channels + 4) / 8 * 8);
        return rounded < 0.9 * channels ? rounded + 8 : rounded;
    }
}

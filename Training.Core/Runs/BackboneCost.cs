using Training.Core.Backbones;

namespace Training.Core.Runs;

/// <summary>How much a network computes, counted from its shape.</summary>
public static class BackboneCost
{
    private const int MeasuredSize = 224;
    private const int Stages = 4;

    /// <summary>Time per image in relation to the built-in backbone at 224 px, which is what machines measure.</summary>
    /// <param name="imageSize">Pixels.</param>
    public static double Relative(BackboneSpec spec, int imageSize) =>
        MultiplyAdds(spec) * Overhead(spec.Block) / MultiplyAdds(BackboneCatalog.Get(BackboneCatalog.BuiltIn))
        * Math.Pow((double)imageSize / MeasuredSize, 2);

    /// <summary>Multiply-adds of the convolutions for one image of 224 px; torchvision's documentation lists the same as GFLOPS.</summary>
    public static double MultiplyAdds(BackboneSpec spec)
    {
        var side = MeasuredSize / 2;
        double total = Convolution(side, 7, 3, 64, 1);
        side /= 2;
        var channels = 64;
        for (var stage = 0; stage < Stages; stage++)
        {
            var planes = 64 << stage;
            for (var block = 0; block < spec.Blocks[stage]; block++)
            {
                var stride = stage > 0 && block == 0 ? 2 : 1;
                total += Block(spec, side, stride, channels, planes);
                side /= stride;
                channels = planes * Expansion(spec.Block);
            }
        }
        return total;
    }

    private static double Block(BackboneSpec spec, int side, int stride, int channels, int planes)
    {
        var output = planes * Expansion(spec.Block);
        var projection = stride > 1 || channels != output ? Convolution(side / stride, 1, channels, output, 1) : 0;
        if (spec.Block == BlockKind.Basic)
            return projection + Convolution(side / stride, 3, channels, planes, 1) + Convolution(side / stride, 3, planes, planes, 1);
        var width = planes * spec.WidthPerGroup / 64 * spec.Groups;
        return projection + Convolution(side, 1, channels, width, 1) + Convolution(side / stride, 3, width, width, spec.Groups)
            + Convolution(side / stride, 1, width, output, 1);
    }

    private static double Convolution(int side, int kernel, double inputs, double outputs, int groups) =>
        side * side * kernel * kernel * inputs * outputs / groups;

    private static int Expansion(BlockKind block) => block == BlockKind.Bottleneck ? 4 : 1;

    // timm's benchmark-train-amp-nhwc-pt112-cu113-rtx3090.csv: resnet18 3,482 and resnet50 1,218 images/s, a ratio of 2.86 where the
    // multiply-adds say 2.26: three thin convolutions move more memory than two thick ones.
    private static double Overhead(BlockKind block) => block == BlockKind.Bottleneck ? 1.27 : 1;
}

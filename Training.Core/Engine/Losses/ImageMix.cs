using Training.Core.Data;
using Training.Core.Recipes;
using static TorchSharp.torch;

namespace Training.Core.Engine.Losses;

/// <summary>
/// Images mixed with others of their batch: mixup blends them (Zhang et al. 2018), cutmix pastes a rectangle (Yun et al. 2019). Where a
/// recipe wants both, a batch gets one of them. What is drawn follows from seed, epoch and the batch's place.
/// </summary>
internal static class ImageMix
{
    /// <summary>Streams of a batch's draws lie below those of samples and orders.</summary>
    private const int FirstStream = -2;

    /// <param name="images">(n, 3, h, w).</param>
    /// <param name="labels">(n), int64.</param>
    /// <param name="batch">From 0 in the epoch.</param>
    public static (Tensor Images, Targets Targets) Apply(Recipe recipe, Tensor images, Tensor labels, int epoch, int batch)
    {
        if (recipe.Mixup <= 0 && recipe.Cutmix <= 0) return (images, new Targets(labels));
        var random = new SplitMix64(recipe.Seed, epoch, FirstStream - batch);
        var cuts = recipe.Mixup <= 0 || (recipe.Cutmix > 0 && random.NextDouble() < 0.5);
        var share = Beta(ref random, cuts ? recipe.Cutmix : recipe.Mixup);
        // Order is random already: the batch backwards is as good a partner as any.
        var (others, otherLabels) = (images.flip(0), labels.flip(0));
        return cuts
            ? Paste(images, others, share, ref random, labels, otherLabels)
            : (images.mul(share).add_(others, alpha: 1 - share), new Targets(labels, otherLabels, share));
    }

    private static (
        Tensor, Targets) Paste(Tensor images, Tensor others, double share, ref SplitMix64 random, Tensor labels, Tensor otherLabels)
    {
        var (height, width) = (images.shape[2], images.shape[3]);
        var side = Math.Sqrt(1 - share);
        var (top, bottom) = Range(height, side, random.NextDouble());
        var (left, right) = Range(width, side, random.NextDouble());
        var mixed = images.clone();
        if (bottom > top && right > left)
            mixed.narrow(2, top, bottom - top).narrow(3, left, right - left)
                .copy_(others.narrow(2, top, bottom - top).narrow(3, left, right - left));
        return (mixed, new Targets(labels, otherLabels, 1 - (double)(bottom - top) * (right - left) / (height * width)));
    }

    /// <summary>A part of a side around any centre, cut off at the border.</summary>
    private static (long First, long End) Range(long length, double part, double centre)
    {
        var (middle, half) = ((long)(centre * length), (long)(length * part) / 2);
        return (Math.Max(0, middle - half), Math.Min(length, middle + half));
    }

    /// <summary>Beta(alpha, alpha) for alpha up to 1, by rejection (Jöhnk 1964).</summary>
    internal static double Beta(ref SplitMix64 random, double alpha)
    {
        while (true)
        {
            var (x, y) = (Math.Pow(random.NextDouble(), 1 / alpha), Math.Pow(random.NextDouble(), 1 / alpha));
            if (x + y is > 0 and <= 1) return x / (x + y);
        }
    }
}

using Training.Core.Images;
using Training.Core.Runs;

namespace Training.Core.Data;

/// <summary>What is done to one sample in one epoch. Depends on seed, epoch and sample id only, never on threads or order.</summary>
/// <param name="Crop">Part of the upright image; null: the usual resize.</param>
internal readonly record struct Augmentation(CropBox? Crop, bool Flip)
{
    private const int Tries = 10;
    private const double SmallestArea = 0.5;
    private const double WidestRatio = 4.0 / 3;

    public static Augmentation Draw(AugmentationKind kind, int seed, int epoch, Sample sample)
    {
        if (kind == AugmentationKind.None) return default;
        var random = new SplitMix64(seed, epoch, sample.Id);
        // The flip is drawn first, so that it is the same with and without crops.
        var flip = random.Next() >> 63 == 1;
        return new Augmentation(kind == AugmentationKind.CropAndFlip ? DrawCrop(ref random, sample) : null, flip);
    }

    /// <summary>
    /// RandomResizedCrop: an area of 50–100 % with a ratio of 3/4–4/3 (log-uniform), anywhere; where none fits in ten tries, the
    /// largest middle part within the ratios.
    /// </summary>
    private static CropBox DrawCrop(ref SplitMix64 random, Sample sample)
    {
        double width = Math.Max(1, sample.Width), height = Math.Max(1, sample.Height);
        for (var attempt = 0; attempt < Tries; attempt++)
        {
            var area = width * height * random.Between(SmallestArea, 1);
            var ratio = Math.Exp(random.Between(-Math.Log(WidestRatio), Math.Log(WidestRatio)));
            var (w, h) = (Math.Sqrt(area * ratio) / width, Math.Sqrt(area / ratio) / height);
            if (w <= 1 && h <= 1) return new CropBox(random.Between(0, 1 - w), random.Between(0, 1 - h), w, h);
        }
        var middleWidth = Math.Min(1, height * WidestRatio / width);
        var middleHeight = Math.Min(1, width * WidestRatio / height);
        return new CropBox((1 - middleWidth) / 2, (1 - middleHeight) / 2, middleWidth, middleHeight);
    }

    /// <summary>Mirrors a square of RGB bytes left to right, in place.</summary>
    public static void FlipSquare(Span<byte> rgb, int size)
    {
        for (var y = 0; y < size; y++)
        {
            var row = rgb.Slice(y * size * 3, size * 3);
            for (int left = 0, right = (size - 1) * 3; left < right; left += 3, right -= 3)
                for (var channel = 0; channel < 3; channel++)
                    (row[left + channel], row[right + channel]) = (row[right + channel], row[left + channel]);
        }
    }
}

using Training.Core.Images;

namespace Training.Core.Data;

/// <summary>What is done to one sample in one epoch. Depends on seed, epoch and sample id only, never on threads or order.</summary>
/// <param name="Crop">Part of the upright image; null: the usual resize.</param>
/// <param name="Erased">Part of the square that is blanked out.</param>
/// <param name="Operations">Changes of the pixels, in order; each strength is what the operation takes.</param>
internal readonly record struct Augmentation(
    CropBox? Crop, bool Flip, bool FlipDown = false, CropBox? Erased = null,
    IReadOnlyList<(PixelOperation Operation, double Strength)>? Operations = null)
{
    private const int Tries = 10;
    private const double SmallestArea = 0.5;
    private const double WidestRatio = 4.0 / 3;

    public static Augmentation Draw(AugmentationOptions options, int seed, int epoch, Sample sample)
    {
        if (options.IsNone) return default;
        var random = new SplitMix64(seed, epoch, sample.Id);
        // In a fixed order, so that an option more leaves the draws before it alone.
        var flip = random.Next() >> 63 == 1 && options.Kind != AugmentationKind.None;
        var crop = options.Kind >= AugmentationKind.CropAndFlip ? DrawCrop(ref random, sample) : (CropBox?)null;
        var down = options.VerticalFlip && random.Next() >> 63 == 1;
        var erased = options.Erasing > 0 && random.NextDouble() < options.Erasing ? DrawErased(ref random) : null;
        return new Augmentation(crop, flip, down, erased, options.Kind switch
        {
            AugmentationKind.CropFlipAndColour => DrawColour(ref random),
            AugmentationKind.Trivial => [PixelOperations.DrawTrivial(ref random)],
            _ => null,
        });
    }

    /// <summary>All but the crop, in place.</summary>
    /// <param name="rgb">Bytes (size, size, 3).</param>
    public void Apply(Span<byte> rgb, int size)
    {
        if (Flip) FlipSquare(rgb, size);
        if (FlipDown) FlipRows(rgb, size);
        foreach (var (operation, strength) in Operations ?? []) PixelOperations.Apply(operation, strength, rgb, size);
        if (Erased is { } box) Erase(rgb, size, box);
    }

    /// <summary>
    /// Brightness, contrast and saturation between 0.6 and 1.4, as torchvision's ColorJitter(0.4, 0.4, 0.4) without its random order.
    /// </summary>
    private static IReadOnlyList<(PixelOperation, double)> DrawColour(ref SplitMix64 random) =>
    [
        (PixelOperation.Brightness, random.Between(0.6, 1.4)), (PixelOperation.Contrast, random.Between(0.6, 1.4)),
        (PixelOperation.Saturation, random.Between(0.6, 1.4)),
    ];

    /// <summary>As torchvision's RandomErasing: 2–33 % of the area, a ratio of 0.3–3.3; none where none fits in ten tries.</summary>
    private static CropBox? DrawErased(ref SplitMix64 random)
    {
        for (var attempt = 0; attempt < Tries; attempt++)
        {
            var (area, ratio) = (random.Between(0.02, 0.33), Math.Exp(random.Between(Math.Log(0.3), Math.Log(3.3))));
            var (w, h) = (Math.Sqrt(area * ratio), Math.Sqrt(area / ratio));
            if (w < 1 && h < 1) return new CropBox(random.Between(0, 1 - w), random.Between(0, 1 - h), w, h);
        }
        return null;
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

    private static void FlipRows(Span<byte> rgb, int size)
    {
        Span<byte> kept = stackalloc byte[size * 3];
        for (int top = 0, bottom = size - 1; top < bottom; top++, bottom--)
        {
            var upper = rgb.Slice(top * size * 3, size * 3);
            var lower = rgb.Slice(bottom * size * 3, size * 3);
            upper.CopyTo(kept);
            lower.CopyTo(upper);
            kept.CopyTo(lower);
        }
    }

    // The mean colour of ImageNet is 0 once the image is normalised, which is what torchvision erases with.
    private static void Erase(Span<byte> rgb, int size, CropBox box)
    {
        ReadOnlySpan<byte> grey = [124, 116, 104];
        var (left, right) = ((int)(box.Left * size), (int)((box.Left + box.Width) * size));
        for (var y = (int)(box.Top * size); y < (int)((box.Top + box.Height) * size); y++)
            for (var x = left; x < right; x++) grey.CopyTo(rgb[((y * size + x) * 3)..]);
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

namespace Training.Core.Recipes;

/// <summary>
/// The side of the training images in an epoch: small ones teach the coarse at a fraction of the time (Howard 2018; fast.ai's DAWNBench
/// entry). From about 4/7 of the recipe's size, in steps of 32 pixels, to all of it after two thirds of the epochs.
/// </summary>
internal static class ProgressiveSize
{
    private const int Stride = 32;
    private const double Smallest = 4.0 / 7;
    private const double GrowsOver = 2.0 / 3;

    public static int Of(Recipe recipe, int epoch)
    {
        if (!recipe.ProgressiveResizing) return recipe.ImageSize;
        var grown = Math.Min(1, (epoch - 1) / Math.Max(1, recipe.Epochs * GrowsOver));
        var size = (int)Math.Round(recipe.ImageSize * (Smallest + (1 - Smallest) * grown) / Stride) * Stride;
        return grown >= 1 ? recipe.ImageSize : Math.Clamp(size, Math.Min(Stride, recipe.ImageSize), recipe.ImageSize);
    }
}

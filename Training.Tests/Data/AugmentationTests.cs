using Training.Core.Data;

namespace Training.Tests.Data;

public sealed class AugmentationTests
{
    private static readonly Sample Wide = new(1, "wide.jpg", 0, Split.Train) { Width = 400, Height = 300 };

    [Fact]
    public void Draw_None_ChangesNothing() =>
        Assert.Equal(default, Augmentation.Draw(new(AugmentationKind.None), 1, 1, Wide));

    [Fact]
    public void Draw_Flip_MirrorsHalfOfTheImagesAndNeverCrops()
    {
        var draws = Draws(AugmentationKind.Flip, Wide);

        Assert.All(draws, draw => Assert.Null(draw.Crop));
        Assert.InRange(draws.Count(draw => draw.Flip), 900, 1100);
    }

    [Fact]
    public void Draw_CropAndFlip_StaysWithinAreaRatioAndImage()
    {
        var draws = Draws(AugmentationKind.CropAndFlip, Wide);

        Assert.All(draws, draw =>
        {
            var crop = draw.Crop!.Value;
            Assert.InRange(crop.Width * crop.Height, 0.4999, 1.0001);
            Assert.InRange(crop.Width * 400 / (crop.Height * 300), 0.7499, 1.3334);
            Assert.InRange(crop.Left, 0, 1 - crop.Width);
            Assert.InRange(crop.Top, 0, 1 - crop.Height);
        });
        // Where no draw fits in ten tries it is the middle: a few in a thousand.
        Assert.InRange(draws.Select(draw => draw.Crop).Distinct().Count(), 1980, 2000);
        Assert.Equal(Draws(AugmentationKind.Flip, Wide).Select(draw => draw.Flip), draws.Select(draw => draw.Flip));
    }

    [Fact]
    public void Draw_VeryLongImage_TakesItsMiddle()
    {
        var crop = Augmentation.Draw(new(AugmentationKind.CropAndFlip), 1, 1, Wide with { Width = 4000, Height = 100 }).Crop!.Value;

        Assert.Equal(0.5, crop.Left + crop.Width / 2, precision: 9);
        Assert.Equal(100 * 4.0 / 3, crop.Width * 4000, precision: 6);
        Assert.Equal(1, crop.Height);
    }

    [Fact]
    public void FlipSquare_Pixels_ChangeSidesButKeepTheirChannels()
    {
        byte[] rgb = [1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 12, 13, 14, 15, 16, 17, 18, 19, 0, 0, 0, 0, 0, 0, 9, 9, 9];

        Augmentation.FlipSquare(rgb, 3);

        Assert.Equal([7, 8, 9, 4, 5, 6, 1, 2, 3, 17, 18, 19, 14, 15, 16, 11, 12, 13, 9, 9, 9, 0, 0, 0, 0, 0, 0], rgb);
    }

    private static Augmentation[] Draws(AugmentationKind kind, Sample sample) =>
        [.. Enumerable.Range(0, 2000).Select(id => Augmentation.Draw(new(kind), 1, 1, sample with { Id = id }))];
}

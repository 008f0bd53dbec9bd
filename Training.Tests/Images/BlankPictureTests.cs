using SkiaSharp;
using Training.Tests.TestKit;

namespace Training.Tests.Images;

/// <summary>Pictures that decode without an error and show nothing.</summary>
public sealed class BlankPictureTests
{
    [Theory]
    [InlineData(SKEncodedImageFormat.Jpeg)]
    [InlineData(SKEncodedImageFormat.Png)]
    [InlineData(SKEncodedImageFormat.Webp)]
    public void Check_OneColour_IsBlank(SKEncodedImageFormat format)
    {
        Assert.True(ImageDecoder.Check(Pictures.Draw(300, 200, (_, _) => new SKColor(40, 90, 200)).Encode(format)).IsBlank);
        Assert.False(ImageDecoder.Check(Pictures.Scene(300, 200).Encode(format)).IsBlank);
    }

    [Fact]
    public void Check_PatternFinerThanTheScaleOfACheck_IsNotBlank()
    {
        // An eighth of it, a pixel for each block of eight, is grey all over.
        var file = Pictures.Draw(320, 320, (x, y) => (x + y) % 2 == 0 ? SKColors.Black : SKColors.White).Encode(SKEncodedImageFormat.Jpeg);

        Assert.False(ImageDecoder.Check(file).IsBlank);
    }

    [Theory]
    [InlineData("PNG wholly transparent", true)]
    [InlineData("WebP wholly transparent", true)]
    [InlineData("BMP wholly transparent by its mask", true)]
    [InlineData("BMP of 32 bits with zeros", false)]
    [InlineData("BMP of 32 bits with anything", false)]
    public void Check_EveryPixelTransparent_IsSaidWhereItIsMeant(string name, bool isTransparent)
    {
        var info = ImageDecoder.Check(
            Convert.FromBase64String(Reference.Cases("Images", "formats.txt").Single(parts => parts[0] == name)[1]));

        Assert.Equal((isTransparent, false), (info.IsTransparent, info.IsBlank));
    }
}

using System.Globalization;
using SkiaSharp;
using Training.Tests.TestKit;

namespace Training.Tests.Images;

public sealed class ImageDecoderTests
{
    [Fact]
    public void DecodeSquare_PngOfAScene_EqualsPillowsResize()
    {
        foreach (var parts in Reference.Cases("Images", "resize.txt"))
        {
            var (source, box) = (Reference.Numbers(parts[1]), Reference.Numbers(parts[2]));
            var size = int.Parse(parts[3], CultureInfo.InvariantCulture);
            var (width, height) = (source[0], source[1]);
            CropBox? crop = parts[0] == "crop"
                ? new CropBox(box[0] / width, box[1] / height, (box[2] - box[0]) / width, (box[3] - box[1]) / height)
                : null;
            var resize = parts[0].StartsWith("centre", StringComparison.Ordinal) ? ResizeKind.CentreCrop : ResizeKind.Squash;
            var file = Pictures.Scene((int)width, (int)height).Encode(SKEncodedImageFormat.Png);

            var square = Square(file, size, resize, crop);

            // Pillow rounds the same way; the pictures themselves may differ by one where a sine rounds differently.
            Assert.True(MeanDifference(Convert.FromHexString(parts[4]), square) < 0.1, parts[0]);
        }
    }

    [Theory]
    [InlineData(SKEncodedImageFormat.Jpeg, 1200, 900)]
    [InlineData(SKEncodedImageFormat.Jpeg, 503, 377)]
    [InlineData(SKEncodedImageFormat.Webp, 1200, 900)]
    public void DecodeSquare_DecodedSmaller_StaysCloseToTheFullSize(SKEncodedImageFormat format, int width, int height)
    {
        var exact = Pictures.Scene(width, height).Encode(SKEncodedImageFormat.Png);
        var lossy = Pictures.Scene(width, height).Encode(format);
        foreach (var crop in new CropBox?[] { null, new CropBox(0.1, 0.3, 0.6, 0.5) })
        {
            var difference = MeanDifference(Square(exact, 112, ResizeKind.CentreCrop, crop),
                Square(lossy, 112, ResizeKind.CentreCrop, crop));

            Assert.InRange(difference, 0, 3);
        }
    }

    [Theory]
    [InlineData(900, 700, 4)]
    [InlineData(448, 600, 2)]
    [InlineData(447, 600, 1)]
    public void DecodeSquare_Jpeg_IsDecodedAtTheScaleOfPillowsDraftMode(int width, int height, int part)
    {
        var file = Pictures.Scene(width, height).Encode(SKEncodedImageFormat.Jpeg);
        var size = part == 4 ? 112 : 224;
        using var codec = SKCodec.Create(new MemoryStream(file));
        var scaled = codec.GetScaledDimensions(1f / part);
        using var bitmap = new SKBitmap(new SKImageInfo(scaled.Width, scaled.Height, SKColorType.Rgba8888, SKAlphaType.Opaque));
        Assert.Equal(SKCodecResult.Success, codec.GetPixels(bitmap.Info, bitmap.GetPixels()));
        // Sides that are no multiple of the part have a last pixel that lies beyond the picture in part.
        var box = new PixelBox(0, 0, (double)width / part, (double)height / part);
        var expected = new byte[size * size * 4];
        Resampler.Resize(bitmap.GetPixelSpan(), new PixelSize(scaled.Width, scaled.Height), box, expected, new PixelSize(size, size));

        var square = Square(file, size, ResizeKind.Squash);

        Assert.Equal(expected.Where((_, index) => index % 4 < 3), square);
        Assert.Equal(part == 1, square.SequenceEqual(Square(file, size, ResizeKind.Squash, isFull: true)));
    }

    [Fact]
    public void DecodeSquare_EveryFormatAndOrientation_ShowsThePictureUpright()
    {
        foreach (var parts in Reference.Cases("Images", "formats.txt"))
        {
            var square = Square(Convert.FromBase64String(parts[1]), 16, ResizeKind.Squash);

            AssertColour(parts[0], square, 3, 3, 230, 20, 20);
            AssertColour(parts[0], square, 12, 3, 20, 180, 20);
            AssertColour(parts[0], square, 3, 12, 20, 20, 230);
            AssertColour(parts[0], square, 12, 12, 230, 230, 20);
        }
    }

    [Fact]
    public void DecodeSquare_CropOfATurnedFile_IsThatPartOfTheUprightPicture()
    {
        foreach (var parts in Reference.Cases("Images", "formats.txt"))
        {
            var square = Square(Convert.FromBase64String(parts[1]), 8, ResizeKind.CentreCrop, new CropBox(0.55, 0.05, 0.4, 0.4));

            AssertColour(parts[0], square, 1, 1, 20, 180, 20);
            AssertColour(parts[0], square, 6, 6, 20, 180, 20);
        }
    }

    [Fact]
    public void Check_EveryFormatAndOrientation_GivesTheUprightSize()
    {
        foreach (var parts in Reference.Cases("Images", "formats.txt"))
        {
            var info = ImageDecoder.Check(Convert.FromBase64String(parts[1]));

            Assert.Equal((32, 16), (info.Width, info.Height));
            Assert.Equal(parts[0].Split(' ') switch { ["EXIF", ..] or ["JPEG", ..] or [_, "JPEG"] => "JPEG", var words => words[0] },
                info.Format);
        }
    }

    [Fact]
    public void DecodeSquare_TransparentPixels_LieOverWhite()
    {
        var file = Pictures.Draw(8, 8, (x, _) => x < 4 ? new SKColor(0, 0, 0, 0) : new SKColor(200, 0, 0, 128), SKAlphaType.Unpremul)
            .Encode(SKEncodedImageFormat.Png);

        var square = Square(file, 8, ResizeKind.Squash);

        AssertColour("clear", square, 1, 4, 255, 255, 255);
        AssertColour("half red", square, 6, 4, 227, 127, 127);
    }

    [Fact]
    public void DecodeSquare_GreyJpeg_HasThreeEqualChannels()
    {
        using var grey = new SKBitmap(new SKImageInfo(16, 16, SKColorType.Gray8, SKAlphaType.Opaque));
        grey.GetPixelSpan().Fill(90);

        var square = Square(grey.Encode(SKEncodedImageFormat.Jpeg), 8, ResizeKind.Squash);

        AssertColour("grey", square, 4, 4, 90, 90, 90);
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(1, 700)]
    [InlineData(2000, 3)]
    public void DecodeSquare_ExtremeShape_FillsTheSquare(int width, int height)
    {
        var file = Pictures.Draw(width, height, (_, _) => new SKColor(10, 200, 30)).Encode(SKEncodedImageFormat.Png);
        foreach (var resize in Enum.GetValues<ResizeKind>())
            AssertColour($"{resize}", Square(file, 32, resize), 16, 16, 10, 200, 30);
    }

    [Fact]
    public void EncodeJpeg_LargePicture_FitsTheLongSideAndStandsUpright()
    {
        var turned = Reference.Cases("Images", "formats.txt").Single(parts => parts[0] == "EXIF orientation 6");

        var thumbnail = ImageDecoder.EncodeJpeg(Convert.FromBase64String(turned[1]), longSide: 16);
        var large = ImageDecoder.EncodeJpeg(Pictures.Scene(300, 200).Encode(SKEncodedImageFormat.Webp), longSide: 1000);

        Assert.Equal(new ImageInfo(16, 8, "JPEG"), ImageDecoder.Check(thumbnail));
        Assert.Equal(new ImageInfo(300, 200, "JPEG"), ImageDecoder.Check(large));
        AssertColour("thumbnail", Square(thumbnail, 16, ResizeKind.Squash), 3, 3, 230, 20, 20);
    }

    private static byte[] Square(byte[] file, int size, ResizeKind resize, CropBox? crop = null, bool isFull = false)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder.In("picture"), file);
        var rgb = new byte[size * size * 3];
        ImageDecoder.DecodeSquare(folder.In("picture"), size, resize, crop, rgb, isFull: isFull);
        return rgb;
    }

    private static double MeanDifference(byte[] a, byte[] b)
    {
        Assert.Equal(a.Length, b.Length);
        return a.Zip(b).Average(pair => Math.Abs(pair.First - pair.Second));
    }

    private static void AssertColour(string what, byte[] square, int x, int y, int red, int green, int blue)
    {
        var size = (int)Math.Sqrt(square.Length / 3.0);
        var found = square.AsSpan((y * size + x) * 3, 3);
        var far = Math.Max(Math.Abs(found[0] - red), Math.Max(Math.Abs(found[1] - green), Math.Abs(found[2] - blue)));
        Assert.True(far <= 12, $"{what}: {found[0]}, {found[1]}, {found[2]} instead of {red}, {green}, {blue}");
    }
}

using System.Text;
using SkiaSharp;
using Training.Tests.TestKit;

namespace Training.Tests.Images;

/// <summary>Files that can't be used: each is refused with the reason, and nothing worse happens.</summary>
public sealed class BrokenImageTests
{
    [Theory]
    [InlineData(SKEncodedImageFormat.Jpeg)]
    [InlineData(SKEncodedImageFormat.Png)]
    [InlineData(SKEncodedImageFormat.Webp)]
    public void Check_FileThatEndsTooEarly_SaysThatItIsCutOff(SKEncodedImageFormat format)
    {
        var file = Pictures.Scene(160, 120).Encode(format);
        foreach (var part in new[] { 0.3, 0.6, 0.99 })
        {
            var error = Assert.Throws<ImageException>(() => ImageDecoder.Check(file.AsSpan(0, (int)(file.Length * part))));

            Assert.Contains("cut off", error.Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("progressive JPEG")]
    [InlineData("BMP")]
    public void Check_OtherFormatsThatEndTooEarly_SaysThatItIsCutOff(string name)
    {
        var file = Convert.FromBase64String(Reference.Cases("Images", "formats.txt").Single(parts => parts[0] == name)[1]);

        var error = Assert.Throws<ImageException>(() => ImageDecoder.Check(file.AsSpan(0, file.Length - 20)));

        Assert.Contains("cut off", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Check_ThirtyThousandPixelsSquare_IsRefusedByItsHeader()
    {
        var before = GC.GetAllocatedBytesForCurrentThread();

        var error = Assert.Throws<ImageException>(() => ImageDecoder.Check(Pictures.PngOfSize(30_000, 30_000)));

        Assert.Contains("30000 × 30000", error.Message, StringComparison.Ordinal);
        Assert.True(error.TooLarge);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1_000_000);
    }

    [Theory]
    [InlineData("GIF89a and so on", "a GIF image")]
    [InlineData("II*\0 and so on", "a TIFF image")]
    [InlineData("\0\0\0\u0018ftypheic and so on", "a HEIC image")]
    [InlineData("\0\0\0\u0018ftypavif and so on", "an AVIF image")]
    [InlineData("%PDF-1.7", "a PDF document")]
    [InlineData("hello", "a text file")]
    [InlineData("<!DOCTYPE html><html>", "a web page")]
    [InlineData("<svg xmlns=''>", "an SVG drawing")]
    [InlineData("\u0001\u0002\u0003", "is not a JPEG, PNG, BMP or WebP image")]
    [InlineData("", "is empty (0 bytes)")]
    public void Check_SomethingElse_SaysWhatItIs(string content, string reason)
    {
        var error = Assert.Throws<ImageException>(() => ImageDecoder.Check(Encoding.UTF8.GetBytes(content)));

        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Check_RandomBytesAfterAnyStart_NeverDoesWorseThanRefuse()
    {
        var random = new Random(1);
        byte[][] starts = [[.. Pictures.Small(1, SKEncodedImageFormat.Jpeg)], [.. Pictures.Small(1)],
            [.. Pictures.Small(1, SKEncodedImageFormat.Webp)]];
        foreach (var start in starts)
        {
            for (var round = 0; round < 200; round++)
            {
                byte[] file = [.. start];
                for (var hit = 0; hit < 5; hit++) file[random.Next(12, file.Length)] = (byte)random.Next(256);

                var error = Record.Exception(() => ImageDecoder.Check(file));

                Assert.True(error is null or ImageException, error?.ToString());
            }
        }
    }

    [Fact]
    public void DecodeSquare_MissingFile_ThrowsAnIOException()
    {
        using var folder = new TemporaryFolder();

        Assert.Throws<FileNotFoundException>(() =>
            ImageDecoder.DecodeSquare(folder.In("gone.jpg"), 8, ResizeKind.Squash, null, new byte[192]));
    }
}

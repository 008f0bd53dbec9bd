using Training.Core.Data;
using Training.Tests.TestKit;

namespace Training.Tests.Data;

public sealed class PixelOperationsTests
{
    private const int Size = 6;

    private static readonly byte[] Image = Bytes(Reference.Cases("Data", "pixels.txt").Single(line => line[0] == "image")[1]);

    [Fact]
    public void Apply_ColourOperations_GiveWhatPillowGives()
    {
        var cases = Reference.Cases("Data", "pixels.txt").Where(line => line[0] != "image").ToList();
        Assert.Equal(28, cases.Count);
        foreach (var line in cases)
        {
            var rgb = Image.ToArray();
            PixelOperations.Apply(Enum.Parse<PixelOperation>(line[0], ignoreCase: true), Reference.Numbers(line[1])[0], rgb, Size);

            // Pillow computes some of these in float32 or in fixed point.
            var worst = rgb.Zip(Bytes(line[2])).Max(pair => Math.Abs(pair.First - pair.Second));
            Assert.True(worst <= 1, $"{line[0]} {line[1]} is off by {worst}");
        }
    }

    [Theory]
    [InlineData("Rotate")]
    [InlineData("ShearX")]
    [InlineData("ShearY")]
    [InlineData("ShiftX")]
    [InlineData("ShiftY")]
    public void Apply_GeometryWithoutStrength_ChangesNothing(string operation)
    {
        var rgb = Image.ToArray();
        PixelOperations.Apply(Enum.Parse<PixelOperation>(operation), 0, rgb, Size);
        Assert.Equal(Image, rgb);
    }

    [Fact]
    public void Apply_Rotate_AQuarterTurnMovesEveryPixelToItsPlace()
    {
        var rgb = Image.ToArray();
        PixelOperations.Apply(PixelOperation.Rotate, 90, rgb, Size);

        // Interpolating at a hair beside the pixels' centres rounds a value by one at most; the corner may fall outside.
        var inner = Enumerable.Range(1, Size - 2).SelectMany(y => Enumerable.Range(1, Size - 2).Select(x => (x, y))).ToList();
        Assert.All(inner, at => Assert.InRange(Math.Abs(Pixel(rgb, at.x, at.y) - Pixel(Image, at.y, Size - 1 - at.x)), 0, 1));
    }

    [Fact]
    public void Apply_ShiftX_MovesPixelsAndFillsWithTheMeanColour()
    {
        var rgb = Image.ToArray();
        PixelOperations.Apply(PixelOperation.ShiftX, 2.0 / Size, rgb, Size);

        Assert.Equal(Pixel(Image, 0, 3), Pixel(rgb, 2, 3));
        Assert.Equal([124, 116, 104], rgb[..3]);
    }

    [Fact]
    public void DrawTrivial_OverManyDraws_TakesEveryOperationAboutAsOften()
    {
        var random = new SplitMix64(1);
        var draws = new List<(PixelOperation Operation, double Strength)>();
        for (var i = 0; i < 14_000; i++) draws.Add(PixelOperations.DrawTrivial(ref random));

        Assert.All(Enum.GetValues<PixelOperation>(), operation =>
            Assert.InRange(draws.Count(draw => draw.Operation == operation), 850, 1150));
        Assert.All(draws.Where(draw => draw.Operation == PixelOperation.Posterize), draw => Assert.InRange(draw.Strength, 2, 8));
        Assert.Contains(draws, draw => draw is { Operation: PixelOperation.Rotate, Strength: < -100 });
    }

    private static int Pixel(byte[] rgb, int x, int y) => rgb[(y * Size + x) * 3 + 1];

    private static byte[] Bytes(string text) => [.. Reference.Numbers(text).Select(number => (byte)number)];
}

using SkiaSharp;

namespace Training.Core.Data.Demo;

/// <summary>Draws one image of the demo set: a texture, a shape that stands out from it, and noise over both.</summary>
internal static class ShapePainter
{
    private const int Size = ShapesDataset.Size;

    /// <summary>The least distance of shape and background in CIE-like units; small enough to leave some hard ones.</summary>
    private const double LeastContrast = 140;

    /// <returns>A JPEG; the same bytes for the same state of <paramref name="random"/>.</returns>
    public static byte[] Paint(string shape, SplitMix64 random)
    {
        using var bitmap = new SKBitmap(new SKImageInfo(Size, Size, SKColorType.Rgba8888, SKAlphaType.Opaque));
        using (var canvas = new SKCanvas(bitmap))
        {
            var ground = DrawColour(ref random);
            DrawTexture(canvas, ground, ref random);
            DrawShape(canvas, shape, Contrasting(ground, ref random), ref random);
        }
        AddNoise(bitmap.GetPixelSpan(), random.Between(3, 15), ref random);
        using var data = bitmap.Encode(SKEncodedImageFormat.Jpeg, 92);
        return data.ToArray();
    }

    private static void DrawTexture(SKCanvas canvas, SKColor ground, ref SplitMix64 random)
    {
        var other = Shade(ground, random.Between(-38, 38));
        var angle = random.Between(0, Math.Tau);
        var reach = new SKPoint((float)Math.Cos(angle) * Size / 2, (float)Math.Sin(angle) * Size / 2);
        var middle = new SKPoint(Size / 2f, Size / 2f);
        using var gradient = SKShader.CreateLinearGradient(middle - reach, middle + reach, [ground, other], SKShaderTileMode.Clamp);
        using var wash = new SKPaint { Shader = gradient };
        canvas.DrawRect(0, 0, Size, Size, wash);
        using var paint = new SKPaint { Color = Shade(ground, random.Between(-26, 26)).WithAlpha(150), IsAntialias = true };
        var kind = random.Below(5);
        var step = (float)random.Between(6, 18);
        canvas.Save();
        canvas.RotateRadians((float)random.Between(0, Math.Tau), Size / 2f, Size / 2f);
        for (var x = -Size; x < 2 * Size && kind < 3; x += (int)step)
            DrawRow(canvas, paint, kind, x, step);
        canvas.Restore();
        for (var spot = 0; spot < 26 && kind == 3; spot++)
        {
            paint.Color = Shade(ground, random.Between(-40, 40)).WithAlpha(110);
            canvas.DrawCircle(Within(ref random), Within(ref random), (float)random.Between(3, 16), paint);
        }
    }

    /// <summary>Stripes, checks or dots.</summary>
    private static void DrawRow(SKCanvas canvas, SKPaint paint, int kind, int x, float step)
    {
        if (kind == 0)
        {
            canvas.DrawRect(x, -Size, step / 2, 3 * Size, paint);
            return;
        }
        for (var y = -Size; y < 2 * Size; y += (int)step)
        {
            if (kind == 2) canvas.DrawCircle(x, y, step / 5, paint);
            else if ((x + y + 2 * Size) / (int)step % 2 == 0) canvas.DrawRect(x, y, step, step, paint);
        }
    }

    private static void DrawShape(SKCanvas canvas, string shape, SKColor colour, ref SplitMix64 random)
    {
        var radius = (float)random.Between(23, 40);
        var room = Size / 2f - radius * 0.9f;
        canvas.Translate(
            Size / 2f + (float)random.Between(-room, room), Size / 2f + (float)random.Between(-room, room));
        canvas.RotateRadians((float)random.Between(0, Math.Tau));
        canvas.Scale(radius * (float)random.Between(0.88, 1.12), radius);
        using var shader = SKShader.CreateLinearGradient(
            new SKPoint(-1, 0), new SKPoint(1, 0), [colour, Shade(colour, random.Between(-30, 30))], SKShaderTileMode.Clamp);
        using var paint = new SKPaint { Shader = shader, IsAntialias = true };
        if (shape == "wave")
        {
            paint.Style = SKPaintStyle.Stroke;
            paint.StrokeWidth = (float)random.Between(0.2, 0.32);
            paint.StrokeCap = SKStrokeCap.Round;
            paint.StrokeJoin = SKStrokeJoin.Round;
        }
        using var path = ShapePaths.Of(shape, ref random);
        canvas.DrawPath(path, paint);
    }

    private static float Within(ref SplitMix64 random) => (float)random.Between(0, Size);

    private static SKColor DrawColour(ref SplitMix64 random) =>
        SKColor.FromHsv((float)random.Between(0, 360), (float)random.Between(10, 85), (float)random.Between(25, 95));

    private static SKColor Contrasting(SKColor ground, ref SplitMix64 random)
    {
        while (true)
        {
            var colour = DrawColour(ref random);
            if (Distance(colour, ground) >= LeastContrast) return colour;
        }
    }

    /// <summary>Weighted RGB distance ("redmean"), close to what the eye sees: https://www.compuphase.com/cmetric.htm.</summary>
    private static double Distance(SKColor a, SKColor b)
    {
        var red = (a.Red + b.Red) / 2.0;
        double dr = a.Red - b.Red, dg = a.Green - b.Green, db = a.Blue - b.Blue;
        return Math.Sqrt((2 + red / 256) * dr * dr + 4 * dg * dg + (2 + (255 - red) / 256) * db * db);
    }

    private static SKColor Shade(SKColor colour, double by) =>
        new(Shade(colour.Red, by), Shade(colour.Green, by), Shade(colour.Blue, by));

    private static byte Shade(byte value, double by) => (byte)Math.Clamp(value + by, 0, 255);

    /// <summary>Sum of four uniform draws per channel: near enough to a normal one of deviation <paramref name="strength"/>.</summary>
    private static void AddNoise(Span<byte> rgba, double strength, ref SplitMix64 random)
    {
        // Four 16-bit uniforms have the variance 4/12.
        var scale = strength / (65536 * Math.Sqrt(4.0 / 12));
        for (var at = 0; at < rgba.Length; at++)
        {
            if (at % 4 == 3) continue;
            var draw = random.Next();
            var sum = (double)(draw & 0xFFFF) + (draw >> 16 & 0xFFFF) + (draw >> 32 & 0xFFFF) + (draw >> 48) - 2 * 65535;
            rgba[at] = (byte)Math.Clamp(rgba[at] + sum * scale, 0, 255);
        }
    }
}

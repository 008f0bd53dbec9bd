using SkiaSharp;

namespace Training.Tests.TestKit;

/// <summary>Small photos for tests that need real files.</summary>
public static class TestImages
{
    /// <summary>A JPEG of one colour per label with the label's name on it.</summary>
    public static void Write(string path, int label, string text, int width = 160, int height = 120)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        using var bitmap = new SKBitmap(width, height);
        using var canvas = new SKCanvas(bitmap);
        canvas.Clear(SKColor.FromHsl(label * 67 % 360, 45, 55));
        using var paint = new SKPaint { Color = SKColors.White, IsAntialias = true };
        using var font = new SKFont { Size = height / 6f };
        canvas.DrawCircle(width * 0.7f, height * 0.35f, height * 0.2f, paint);
        canvas.DrawText(text, 8, height - 12, SKTextAlign.Left, font, paint);
        using var data = bitmap.Encode(SKEncodedImageFormat.Jpeg, 80);
        using var file = File.Create(path);
        data.SaveTo(file);
    }
}

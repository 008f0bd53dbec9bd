using System.Runtime.CompilerServices;

namespace Training.Core.Data;

/// <summary>
/// What can be done to a square's pixels. Strengths: a factor around 1 for brightness, contrast, saturation and sharpness; bits kept
/// (2–8); a threshold (0–255) above which values are inverted; shears as a tangent; shifts as a part of the side; degrees.
/// </summary>
internal enum PixelOperation
{
    None, Brightness, Contrast, Saturation, Sharpness, Posterize, Solarize, AutoContrast, Equalize, ShearX, ShearY, ShiftX, ShiftY, Rotate,
}

/// <summary>The operations of TrivialAugment on RGB bytes, with the results of Pillow's.</summary>
internal static class PixelOperations
{
    private const int Levels = 31;

    /// <summary>One operation, each as likely, with one of 31 strengths and any sign: the "wide" space of the paper.</summary>
    public static (PixelOperation Operation, double Strength) DrawTrivial(ref SplitMix64 random)
    {
        var operation = (PixelOperation)(int)(random.NextDouble() * Enum.GetValues<PixelOperation>().Length);
        var part = Math.Floor(random.NextDouble() * Levels) / (Levels - 1);
        var sign = random.Next() >> 63 == 1 ? -1 : 1;
        return (operation, operation switch
        {
            PixelOperation.Brightness or PixelOperation.Contrast or PixelOperation.Saturation or PixelOperation.Sharpness => 1
                + sign * 0.99 * part,
            PixelOperation.Posterize => 8 - Math.Round(6 * part),
            PixelOperation.Solarize => 255 * (1 - part),
            PixelOperation.ShearX or PixelOperation.ShearY => sign * 0.99 * part,
            PixelOperation.ShiftX or PixelOperation.ShiftY => sign * part / 7, // 32 of 224 pixels
            PixelOperation.Rotate => sign * 135 * part,
            _ => 0,
        });
    }

    /// <param name="rgb">Bytes (size, size, 3), changed in place.</param>
    public static void Apply(PixelOperation operation, double strength, Span<byte> rgb, int size)
    {
        switch (operation)
        {
            case PixelOperation.Brightness: Blend(rgb, strength, 0, 0, 0); break;
            case PixelOperation.Contrast: Contrast(rgb, strength); break;
            case PixelOperation.Saturation: Saturation(rgb, strength); break;
            case PixelOperation.Sharpness: Sharpness(rgb, size, strength); break;
            case PixelOperation.Posterize: Map(rgb, value => (byte)(value & (0xFF << (8 - (int)strength)))); break;
            case PixelOperation.Solarize: Map(rgb, value => value < strength ? value : (byte)(255 - value)); break;
            case PixelOperation.AutoContrast: Stretch(rgb, AutoContrastTable); break;
            case PixelOperation.Equalize: Stretch(rgb, EqualizeTable); break;
            case PixelOperation.ShearX: Move(rgb, size, 1, strength, 0, 1, 0, 0); break;
            case PixelOperation.ShearY: Move(rgb, size, 1, 0, strength, 1, 0, 0); break;
            case PixelOperation.ShiftX: Move(rgb, size, 1, 0, 0, 1, strength * size, 0); break;
            case PixelOperation.ShiftY: Move(rgb, size, 1, 0, 0, 1, 0, strength * size); break;
            case PixelOperation.Rotate:
                var (sin, cos) = Math.SinCos(strength * Math.PI / 180);
                Move(rgb, size, cos, sin, -sin, cos, 0, 0);
                break;
            default: break;
        }
    }

    private static void Contrast(Span<byte> rgb, double factor)
    {
        long sum = 0;
        for (var i = 0; i < rgb.Length; i += 3) sum += Grey(rgb, i);
        var mean = (int)((double)sum / (rgb.Length / 3) + 0.5);
        Blend(rgb, factor, mean, mean, mean);
    }

    private static void Saturation(Span<byte> rgb, double factor)
    {
        for (var i = 0; i < rgb.Length; i += 3)
        {
            var grey = Grey(rgb, i);
            Blend(rgb.Slice(i, 3), factor, grey, grey, grey);
        }
    }

    /// <summary>Away from or towards a copy smoothed by (1 1 1, 1 5 1, 1 1 1) / 13; the border stays.</summary>
    private static void Sharpness(Span<byte> rgb, int size, double factor)
    {
        var source = rgb.ToArray();
        var row = size * 3;
        for (var y = 1; y < size - 1; y++)
        {
            for (var i = y * row + 3; i < (y + 1) * row - 3; i++)
            {
                var sum = source[i - row - 3] + source[i - row] + source[i - row + 3] + source[i - 3] + 5 * source[i] + source[i + 3]
                    + source[i + row - 3] + source[i + row] + source[i + row + 3];
                var smooth = (int)(sum / 13.0 + 0.5);
                rgb[i] = Clamp(smooth + factor * (source[i] - smooth));
            }
        }
    }

    private static void Blend(Span<byte> rgb, double factor, int red, int green, int blue)
    {
        ReadOnlySpan<int> other = [red, green, blue];
        for (var i = 0; i < rgb.Length; i++) rgb[i] = Clamp(other[i % 3] + factor * (rgb[i] - other[i % 3]));
    }

    private static void Map(Span<byte> rgb, Func<byte, byte> map)
    {
        Span<byte> table = stackalloc byte[256];
        for (var value = 0; value < 256; value++) table[value] = map((byte)value);
        foreach (ref var value in rgb) value = table[value];
    }

    private static void Stretch(Span<byte> rgb, Func<int[], byte[]> table)
    {
        for (var channel = 0; channel < 3; channel++)
        {
            var histogram = new int[256];
            for (var i = channel; i < rgb.Length; i += 3) histogram[rgb[i]]++;
            var mapped = table(histogram);
            for (var i = channel; i < rgb.Length; i += 3) rgb[i] = mapped[rgb[i]];
        }
    }

    private static byte[] AutoContrastTable(int[] histogram)
    {
        var (low, high) = (Array.FindIndex(histogram, count => count > 0), Array.FindLastIndex(histogram, count => count > 0));
        if (high <= low) return Identity();
        var scale = 255.0 / (high - low);
        return [.. Enumerable.Range(0, 256).Select(value => (byte)Math.Clamp((int)(value * scale - low * scale), 0, 255))];
    }

    private static byte[] EqualizeTable(int[] histogram)
    {
        var step = (histogram.Sum() - histogram.Last(count => count > 0)) / 255;
        if (step == 0) return Identity();
        var table = new byte[256];
        var sum = step / 2;
        for (var value = 0; value < 256; value++)
        {
            table[value] = (byte)Math.Min(255, sum / step);
            sum += histogram[value];
        }
        return table;
    }

    private static byte[] Identity() => [.. Enumerable.Range(0, 256).Select(value => (byte)value)];

    /// <summary>An affine move around the middle, bilinear; what comes from outside is ImageNet's mean colour.</summary>
    private static void Move(Span<byte> rgb, int size, double xx, double xy, double yx, double yy, double shiftX, double shiftY)
    {
        ReadOnlySpan<byte> outside = [124, 116, 104];
        var source = rgb.ToArray();
        var middle = (size - 1) / 2.0;
        for (var y = 0; y < size; y++)
        {
            for (var x = 0; x < size; x++)
            {
                var fromX = xx * (x - middle) + xy * (y - middle) + middle - shiftX;
                var fromY = yx * (x - middle) + yy * (y - middle) + middle - shiftY;
                var target = rgb.Slice((y * size + x) * 3, 3);
                if (fromX < 0 || fromY < 0 || fromX > size - 1 || fromY > size - 1) outside.CopyTo(target);
                else Sample(source, size, fromX, fromY, target);
            }
        }
    }

    private static void Sample(byte[] source, int size, double x, double y, Span<byte> target)
    {
        var (left, top) = ((int)x, (int)y);
        var (partX, partY) = (x - left, y - top);
        var right = Math.Min(left + 1, size - 1);
        var bottom = Math.Min(top + 1, size - 1);
        for (var channel = 0; channel < 3; channel++)
        {
            var upper = (1 - partX) * source[(top * size + left) * 3 + channel] + partX * source[(top * size + right) * 3 + channel];
            var lower = (1 - partX) * source[(bottom * size + left) * 3 + channel] + partX * source[(bottom * size + right) * 3 + channel];
            target[channel] = Clamp((1 - partY) * upper + partY * lower + 0.5);
        }
    }

    /// <summary>ITU-R 601-2 luma with Pillow's rounding.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int Grey(ReadOnlySpan<byte> rgb, int at) => (rgb[at] * 19595 + rgb[at + 1] * 38470 + rgb[at + 2] * 7471 + 0x8000) >> 16;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static byte Clamp(double value) => (byte)Math.Clamp(value, 0, 255);
}

using SkiaSharp;

namespace Training.Core.Data.Demo;

/// <summary>Outlines of radius one around the origin.</summary>
internal static class ShapePaths
{
    public static SKPath Of(string shape, ref SplitMix64 random) => shape switch
    {
        "circle" => Circle(),
        "cross" => Cross((float)random.Between(0.24, 0.34)),
        "hexagon" => Polygon(6, 1),
        "ring" => Ring((float)random.Between(0.45, 0.65)),
        "square" => Polygon(4, 1),
        "star" => Polygon(10, random.Between(0.38, 0.48)),
        "triangle" => Polygon(3, 1),
        "wave" => Wave(random.Between(1.5, 2.2)),
        _ => throw new ArgumentOutOfRangeException(nameof(shape), shape, "Not a class of the demo set."),
    };

    private static SKPath Circle()
    {
        using var path = new SKPathBuilder();
        path.AddCircle(0, 0, 0.95f);
        return path.Detach();
    }

    private static SKPath Ring(float inner)
    {
        using var path = new SKPathBuilder { FillType = SKPathFillType.EvenOdd };
        path.AddCircle(0, 0, 0.98f);
        path.AddCircle(0, 0, inner);
        return path.Detach();
    }

    private static SKPath Cross(float half)
    {
        using var path = new SKPathBuilder();
        path.AddPoly(
        [
            new(-half, -1), new(half, -1), new(half, -half), new(1, -half), new(1, half), new(half, half),
            new(half, 1), new(-half, 1), new(-half, half), new(-1, half), new(-1, -half), new(-half, -half),
        ]);
        return path.Detach();
    }

    /// <param name="inner">Radius of every second corner.</param>
    private static SKPath Polygon(int corners, double inner)
    {
        var points = new SKPoint[corners];
        for (var corner = 0; corner < corners; corner++)
        {
            var radius = corner % 2 == 1 ? inner : 1;
            var angle = Math.Tau * corner / corners;
            points[corner] = new SKPoint((float)(radius * Math.Cos(angle)), (float)(radius * Math.Sin(angle)));
        }
        using var path = new SKPathBuilder();
        path.AddPoly(points);
        return path.Detach();
    }

    private static SKPath Wave(double periods)
    {
        const int Steps = 48;
        var points = new SKPoint[Steps + 1];
        for (var step = 0; step <= Steps; step++)
        {
            var x = 2.0 * step / Steps - 1;
            points[step] = new SKPoint((float)x, (float)(0.38 * Math.Sin(Math.PI * periods * x)));
        }
        using var path = new SKPathBuilder();
        path.AddPoly(points, close: false);
        return path.Detach();
    }
}

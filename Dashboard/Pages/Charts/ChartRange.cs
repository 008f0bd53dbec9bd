namespace Dashboard.Pages.Charts;

/// <summary>A part of the x axis, in steps.</summary>
public readonly record struct ChartRange(double From, double To)
{
    private const int Ticks = 8;

    /// <summary>
    /// The range of which both ends are ticks of an axis with at most about <see cref="Ticks"/> of them, each a whole number of units,
    /// 1, 2 or 5 times a power of ten. Contains this range.
    /// </summary>
    /// <param name="unit">Steps per unit of the axis, above 0.</param>
    public ChartRange ToTicks(double unit)
    {
        var step = unit * TickUnits((To - From) / unit);
        // What lies on a tick but for rounding stays there.
        var from = Math.Floor(From / step + 1e-9) * step;
        return new(Math.Max(from, 0), Math.Max(Math.Ceiling(To / step - 1e-9) * step, from + step));
    }

    private static double TickUnits(double length)
    {
        var rough = length / Ticks;
        if (rough <= 1) return 1;
        var power = Math.Pow(10, Math.Floor(Math.Log10(rough)));
        return power * (rough / power) switch { <= 1 => 1, <= 2 => 2, <= 5 => 5, _ => 10 };
    }
}

using System.Globalization;

namespace Training.Core.Metrics;

/// <summary>A part of one as people read it, such as "91.3 %": 100 % are all of them, so 99.96 % is never rounded up to that.</summary>
public static class Percent
{
    /// <summary>What sums of shares miss of one by rounding is not one that is wrong.</summary>
    private const double Exact = 1e-9;

    /// <summary>As files and programs take it.</summary>
    /// <param name="part">A finite number.</param>
    public static string Of(double part, int decimals = 1) => Text(part, decimals, CultureInfo.InvariantCulture) + " %";

    /// <summary>Both ends of an interval with one sign: "82.1–96.0 %".</summary>
    public static string Of(WilsonInterval interval) => Range(interval, CultureInfo.InvariantCulture);

    /// <summary>As the reader's language writes numbers.</summary>
    public static string Local(double part, int decimals = 1) => Text(part, decimals, CultureInfo.CurrentCulture) + " %";

    /// <inheritdoc cref="Of(WilsonInterval)"/>
    public static string Local(WilsonInterval interval) => Range(interval, CultureInfo.CurrentCulture);

    private static string Range(WilsonInterval interval, CultureInfo culture) =>
        $"{Text(interval.Low, 1, culture)}–{Text(interval.High, 1, culture)} %";

    private static string Text(double part, int decimals, CultureInfo culture) =>
        Rounded(part, decimals).ToString("F" + decimals.ToString(CultureInfo.InvariantCulture), culture);

    private static double Rounded(double part, int decimals)
    {
        var rounded = Math.Round(part * 100, decimals, MidpointRounding.AwayFromZero);
        return rounded >= 100 && part < 1 - Exact ? 100 - Math.Pow(10, -decimals) : rounded;
    }
}

using System.Globalization;

namespace Training.Core.Metrics;

/// <summary>A part of one as people read it, such as "91.3 %": 100 % are all of them, so 99.96 % is never rounded up to that.</summary>
public static class Percent
{
    /// <summary>What sums of shares miss of one by rounding is not one that is wrong.</summary>
    private const double Exact = 1e-9;

    /// <param name="part">A finite number.</param>
    public static string Of(double part, int decimals = 1, IFormatProvider? culture = null)
    {
        culture ??= CultureInfo.InvariantCulture;
        return Rounded(part, decimals).ToString("F" + decimals.ToString(CultureInfo.InvariantCulture), culture) + " %";
    }

    /// <summary>Both ends of an interval with one sign: "82.1–96.0 %".</summary>
    public static string Of(WilsonInterval interval, int decimals = 1, IFormatProvider? culture = null)
    {
        culture ??= CultureInfo.InvariantCulture;
        var form = "F" + decimals.ToString(CultureInfo.InvariantCulture);
        return $"{Rounded(interval.Low, decimals).ToString(form, culture)}–{Rounded(interval.High, decimals).ToString(form, culture)} %";
    }

    private static double Rounded(double part, int decimals)
    {
        var rounded = Math.Round(part * 100, decimals, MidpointRounding.AwayFromZero);
        return rounded >= 100 && part < 1 - Exact ? 100 - Math.Pow(10, -decimals) : rounded;
    }
}

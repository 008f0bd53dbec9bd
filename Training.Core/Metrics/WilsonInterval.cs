using System.Text.Json.Serialization;

namespace Training.Core.Metrics;

/// <summary>
/// The 95 % confidence interval of a share that was counted, such as an accuracy: Wilson's score interval (E. B. Wilson, "Probable
/// Inference, the Law of Succession, and Statistical Inference", J. Am. Stat. Assoc. 22, 1927). It holds for few images and for none or all
/// right, where the usual p ± 1.96 √(p(1−p)/n) has no width at all (Brown, Cai and DasGupta, "Interval Estimation for a Binomial
/// Proportion", Statistical Science 16, 2001).
/// </summary>
/// <param name="Low">0–1.</param>
/// <param name="High">0–1.</param>
public readonly record struct WilsonInterval(double Low, double High)
{
    /// <summary>The normal distribution's 97.5 % point.</summary>
    private const double Z = 1.959963984540054;

    /// <summary>Narrower than one point up and down, the interval says little that the figure doesn't.</summary>
    private const double Wide = 0.02;

    /// <summary>Whether so few were counted that the interval belongs beside the figure wherever people read it.</summary>
    [JsonIgnore]
    public bool IsWide => High - Low > Wide;

    /// <param name="right">0 to <paramref name="total"/>.</param>
    /// <returns>Null when nothing was counted: then nothing is known.</returns>
    public static WilsonInterval? Of(int right, int total)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(right);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(right, total);
        if (total == 0) return null;
        double n = total, share = right / n;
        var scale = 1 + Z * Z / n;
        var centre = (share + Z * Z / (2 * n)) / scale;
        var half = Z / scale * Math.Sqrt(share * (1 - share) / n + Z * Z / (4 * n * n));
        // Exactly at the ends: rounding would leave 1e-17 there.
        return new WilsonInterval(right == 0 ? 0 : Math.Max(0, centre - half), right == total ? 1 : Math.Min(1, centre + half));
    }

    /// <summary>Of a share that is known without its count, such as a stored accuracy.</summary>
    /// <param name="share">0–1; null or NaN: unknown.</param>
    public static WilsonInterval? Of(double? share, int total) =>
        share is >= 0 and <= 1 && total > 0 ? Of((int)Math.Round(share.Value * total), total) : null;
}

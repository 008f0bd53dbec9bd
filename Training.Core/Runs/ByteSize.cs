using System.Globalization;

namespace Training.Core.Runs;

/// <summary>How many bytes something has, as people read it.</summary>
public static class ByteSize
{
    private static readonly string[] Units = ["B", "KB", "MB", "GB", "TB", "PB"];

    /// <summary>In decimal units, as disks are sold: "64.2 MB".</summary>
    /// <param name="culture">Of the decimal point; null: the invariant one, as in messages.</param>
    public static string Text(long bytes, CultureInfo? culture = null)
    {
        double value = bytes;
        var unit = 0;
        for (; value >= 999.5 && unit < Units.Length - 1; unit++) value /= 1000;
        return value.ToString(unit == 0 || value >= 99.95 ? "F0" : "F1", culture ?? CultureInfo.InvariantCulture) + " " + Units[unit];
    }
}

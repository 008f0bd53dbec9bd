using System.Globalization;

namespace Dashboard.Uploads;

/// <summary>Sizes in words.</summary>
internal static class ByteSize
{
    private static readonly string[] Units = ["bytes", "KB", "MB", "GB", "TB"];

    /// <summary>"820 bytes", "5.3 MB", "20 GB"; one KB has 1,024 bytes.</summary>
    public static string Words(long bytes)
    {
        double value = bytes;
        var unit = 0;
        while (value >= 1023.5 && unit < Units.Length - 1)
        {
            value /= 1024;
            unit++;
        }
        var format = unit == 0 || value >= 9.95 ? "0" : "0.#";
        return bytes == 1 ? "1 byte" : $"{value.ToString(format, CultureInfo.InvariantCulture)} {Units[unit]}";
    }
}

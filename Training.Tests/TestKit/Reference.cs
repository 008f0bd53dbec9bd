using System.Globalization;

namespace Training.Tests.TestKit;

/// <summary>Reads the small text files of numbers that another program made: one case a line, parts separated by " | ".</summary>
public static class Reference
{
    /// <param name="area">The test folder that holds the file in its Reference folder, such as "Metrics".</param>
    public static IEnumerable<string[]> Cases(string area, string file)
    {
        var lines = File.ReadAllLines(Path.Combine(AppContext.BaseDirectory, area, "Reference", file));
        return lines.Where(line => line.Length > 0 && line[0] != '#').Select(line => line.Split(" | "));
    }

    public static double[] Numbers(string text) =>
        [.. text.Split(',').Select(number => double.Parse(number, CultureInfo.InvariantCulture))];
}

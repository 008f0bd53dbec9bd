namespace Dashboard.Terminal.Benchmarks;

/// <summary>Milliseconds, in short.</summary>
/// <param name="Count">How many were measured.</param>
internal sealed record Latencies(int Count, double Median, double P95, double P99, double Most)
{
    public static Latencies Of(IEnumerable<double> milliseconds)
    {
        var sorted = milliseconds.Order().ToArray();
        return new(sorted.Length, Part(0.5), Part(0.95), Part(0.99), Part(1));

        double Part(double part) => sorted.Length == 0 ? 0 : Math.Round(sorted[(int)((sorted.Length - 1) * part)], 1);
    }
}

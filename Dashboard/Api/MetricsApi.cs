using System.Globalization;
using System.Text.Json;
using Dashboard.Api.Problems;
using Dashboard.Runs;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Training.Core.Metrics;

namespace Dashboard.Api;

/// <summary>REST of a run's curves: what the charts show, for scripts.</summary>
internal static class MetricsApi
{
    private const int DefaultBuckets = 500, MaxBuckets = 20_000;

    private static readonly IReadOnlyList<string> Names = [.. Enum.GetValues<RunSeries>().Select(Name)];

    public static void Map(IEndpointRouteBuilder routes) => routes.MapGet("/api/runs/{id:int}/metrics", GetAsync)
        .WithTags("Runs").WithName("GetMetrics")
        .WithSummary("Curves of a run over its steps: each bucket gives its min, max and last point, so that a spike never vanishes.")
        .WithDescription($"series: names with commas between, of {string.Join(", ", Names)}; without: all. from, to: first and last step. "
            + $"buckets: 1 to {MaxBuckets}, {DefaultBuckets} without. smoothing: 0 to 0.999.");

    private static async Task<Results<Ok<MetricsView>, ValidationProblem, ProblemHttpResult>> GetAsync(
        int id, [AsParameters] MetricsParameters given, RunStore runs, CancellationToken cancellationToken)
    {
        var errors = new Dictionary<string, string[]>();
        var series = Series(given.Series, errors);
        var from = Number("from", given.From, double.MinValue, double.MaxValue, "a step's number", errors);
        var to = Number("to", given.To, double.MinValue, double.MaxValue, "a step's number", errors);
        var buckets = Number("buckets", given.Buckets, 1, MaxBuckets, $"a whole number from 1 to {MaxBuckets}", errors, whole: true);
        var smoothing = Number("smoothing", given.Smoothing, 0, 0.999, "a number from 0 to 0.999", errors);
        if (from > to) errors["from"] = ["from is greater than to, so nothing lies between. Swap them."];
        if (errors.Count > 0) return TypedResults.ValidationProblem(errors);
        if (await runs.GetAsync(id, cancellationToken) is null) return ApiProblems.NoRun(id);

        var views = new List<SeriesView>();
        foreach (var one in series)
            views.Add(SeriesView.Of(Name(one),
                await runs.CurveAsync(id, one, from, to, (int)(buckets ?? DefaultBuckets), smoothing ?? 0, cancellationToken)));
        return TypedResults.Ok(new MetricsView(id, views));
    }

    private static string Name(RunSeries series) => JsonNamingPolicy.CamelCase.ConvertName(series.ToString());

    private static List<RunSeries> Series(string? text, Dictionary<string, string[]> errors)
    {
        if (string.IsNullOrWhiteSpace(text)) return [.. Enum.GetValues<RunSeries>()];
        var wanted = text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        var unknown = wanted.FirstOrDefault(name => !Names.Contains(name, StringComparer.OrdinalIgnoreCase));
        if (unknown is not null) errors["series"] = [$"There is no series '{unknown}'. Take some of: {string.Join(", ", Names)}."];
        return unknown is null ? [.. wanted.Select(name => Enum.Parse<RunSeries>(name, ignoreCase: true)).Distinct()] : [];
    }

    private static double? Number(
        string field, string? text, double least, double most, string expected, Dictionary<string, string[]> errors, bool whole = false)
    {
        if (string.IsNullOrWhiteSpace(text)) return null;
        if (double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value)
            && value >= least && value <= most && (!whole || value == Math.Floor(value))) return value;
        errors[field] = [$"'{text}' is not {expected}."];
        return null;
    }
}

/// <summary>The query string as text, so that a bad value gets an answer in words.</summary>
internal sealed record MetricsParameters
{
    [FromQuery(Name = "series")] public string? Series { get; init; }
    [FromQuery(Name = "from")] public string? From { get; init; }
    [FromQuery(Name = "to")] public string? To { get; init; }
    [FromQuery(Name = "buckets")] public string? Buckets { get; init; }
    [FromQuery(Name = "smoothing")] public string? Smoothing { get; init; }
}

internal sealed record MetricsView(int RunId, IReadOnlyList<SeriesView> Series);

/// <param name="BucketWidth">Steps per bucket, a power of two.</param>
/// <param name="Total">Points of the whole series.</param>
/// <param name="X">Steps, rising.</param>
/// <param name="Y">A value per step; null stands for one that is not a number (a diverged loss).</param>
/// <param name="NotNumbers">What stands where <paramref name="Y"/> has a null.</param>
internal sealed record SeriesView(
    string Name, double BucketWidth, int Total, IReadOnlyList<double> X, IReadOnlyList<double?> Y, IReadOnlyList<NotNumberView> NotNumbers)
{
    public static SeriesView Of(string name, CurveView curve) => new(
        name, curve.BucketWidth, curve.Total, [.. curve.Points.Select(point => point.X)],
        [.. curve.Points.Select(point => double.IsFinite(point.Y) ? point.Y : (double?)null)],
        [.. curve.Points.Where(point => !double.IsFinite(point.Y))
            .Select(point => new NotNumberView(point.X, point.Y.ToString(CultureInfo.InvariantCulture)))]);
}

/// <param name="Value">NaN, Infinity or -Infinity.</param>
internal sealed record NotNumberView(double X, string Value);

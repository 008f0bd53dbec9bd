using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Mvc;
using Training.Core.Metrics.Predictions;

namespace Dashboard.Api;

/// <summary>The query string of <c>GET /api/runs/{id}/predictions</c>, as text, so that a bad value gets an answer in words.</summary>
public sealed record PredictionParameters
{
    [FromQuery(Name = "epoch")] public string? Epoch { get; init; }
    [FromQuery(Name = "truth")] public string? Truth { get; init; }
    [FromQuery(Name = "predicted")] public string? Predicted { get; init; }
    [FromQuery(Name = "wrong")] public string? Wrong { get; init; }
    [FromQuery(Name = "minConfidence")] public string? MinConfidence { get; init; }
    [FromQuery(Name = "maxConfidence")] public string? MaxConfidence { get; init; }
    [FromQuery(Name = "sort")] public string? Sort { get; init; }
    [FromQuery(Name = "page")] public string? Page { get; init; }
    [FromQuery(Name = "pageSize")] public string? PageSize { get; init; }
}

/// <summary>Turns query values into what they mean; collects what is wrong with them by field.</summary>
internal sealed class PredictionRequest
{
    public const int DefaultPageSize = 100;
    public const int MaxPageSize = 1000;

    private readonly Dictionary<string, string[]> _errors = [];

    /// <summary>Messages by field; empty when all is well.</summary>
    public IDictionary<string, string[]> Errors => _errors;

    /// <summary>null: not asked for. 0 is the head alone, before the first epoch of a run that begins with it.</summary>
    public int? Epoch(string? text) => Whole("epoch", text, 0, int.MaxValue, "an epoch's number, from 0");

    public PredictionQuery Query(PredictionParameters values, int classes)
    {
        var hint = string.Create(CultureInfo.InvariantCulture, $"a class index from 0 to {classes - 1}");
        var query = new PredictionQuery
        {
            Truth = Whole("truth", values.Truth, 0, classes - 1, hint),
            Predicted = Whole("predicted", values.Predicted, 0, classes - 1, hint),
            Wrong = YesNo("wrong", values.Wrong),
            MinConfidence = Share("minConfidence", values.MinConfidence) ?? 0,
            MaxConfidence = Share("maxConfidence", values.MaxConfidence) ?? 1,
            Sort = Order(values.Sort),
        };
        if (_errors.Count == 0 && query.MinConfidence > query.MaxConfidence)
            Add("minConfidence", "minConfidence is greater than maxConfidence, so nothing can match. Swap them.");
        return query;
    }

    public int Page(string? text) => Whole("page", text, 1, int.MaxValue, "a page number, from 1") ?? 1;

    public int PageSize(string? text) =>
        Whole("pageSize", text, 1, MaxPageSize, $"a number of images from 1 to {MaxPageSize}") ?? DefaultPageSize;

    private int? Whole(string field, string? text, int min, int max, string hint)
    {
        if (string.IsNullOrWhiteSpace(text)) return null;
        if (int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value) && value >= min && value <= max)
            return value;
        Add(field, $"'{text}' is no {field}: give {hint}.");
        return null;
    }

    private float? Share(string field, string? text)
    {
        if (string.IsNullOrWhiteSpace(text)) return null;
        if (float.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) && value is >= 0 and <= 1) return value;
        Add(field, $"'{text}' is no {field}: give a probability from 0 to 1, such as 0.75.");
        return null;
    }

    private bool? YesNo(string field, string? text)
    {
        if (string.IsNullOrWhiteSpace(text)) return null;
        if (bool.TryParse(text, out var value)) return value;
        Add(field, $"'{text}' is no {field}: give true, false, or leave it out for all images.");
        return null;
    }

    private PredictionSort Order(string? text)
    {
        if (string.IsNullOrWhiteSpace(text)) return new PredictionQuery().Sort;
        if (PredictionSorts.Parse(text) is { } sort) return sort;
        Add("sort",
            $"'{text}' is no sort: give one of {string.Join(", ", Enum.GetValues<PredictionSort>().Select(PredictionSorts.Name))}.");
        return default;
    }

    private void Add(string field, string message) => _errors[field] = [message];
}

/// <summary>Orders as they are written in addresses: camelCase.</summary>
internal static class PredictionSorts
{
    public static string Name(PredictionSort sort) => JsonNamingPolicy.CamelCase.ConvertName(sort.ToString());

    /// <returns>null when it is none.</returns>
    public static PredictionSort? Parse(string? text)
    {
        foreach (var sort in Enum.GetValues<PredictionSort>())
            if (string.Equals(text, Name(sort), StringComparison.OrdinalIgnoreCase)) return sort;
        return null;
    }
}

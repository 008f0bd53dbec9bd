using System.Globalization;
using Dashboard.Api;
using Training.Core.Metrics.Predictions;

namespace Dashboard.Pages.Review;

/// <summary>
/// The address of a tab of the run page with everything that it shows, so that reload, back and a shared link restore it.
/// </summary>
public sealed record ReviewAddress(int RunId, string Tab)
{
    public const string Matrix = "matrix";
    public const string Images = "images";
    public const string Classes = "classes";

    /// <summary>null: follows the run.</summary>
    public int? Epoch { get; init; }

    public PredictionQuery Query { get; init; } = new();

    /// <summary>Id of the sample in the large view.</summary>
    public int? Sample { get; init; }

    /// <summary>Order of the matrix or of the classes; null: the usual one.</summary>
    public string? Order { get; init; }

    /// <summary>First class of the matrix's window, from 0.</summary>
    public int From { get; init; }

    public bool Percent { get; init; }

    /// <summary>How large the matrix's cells are, of its names; null: as usual.</summary>
    public string? Cells { get; init; }

    public override string ToString()
    {
        var parts = new List<string> { "tab=" + Tab };
        Add(parts, "epoch", Epoch);
        Add(parts, "truth", Query.Truth);
        Add(parts, "predicted", Query.Predicted);
        if (Query.Wrong is { } wrong) parts.Add(wrong ? "wrong=true" : "wrong=false");
        if (Query.MinConfidence > 0) parts.Add("min=" + Query.MinConfidence.ToString("0.###", CultureInfo.InvariantCulture));
        if (Query.MaxConfidence < 1) parts.Add("max=" + Query.MaxConfidence.ToString("0.###", CultureInfo.InvariantCulture));
        if (Query.Sort != new PredictionQuery().Sort) parts.Add("sort=" + PredictionSorts.Name(Query.Sort));
        if (Order is not null) parts.Add("order=" + Uri.EscapeDataString(Order));
        if (From > 0) Add(parts, "from", From);
        if (Percent) parts.Add("percent=true");
        if (Cells is not null) parts.Add("cells=" + Uri.EscapeDataString(Cells));
        Add(parts, "sample", Sample);
        return string.Create(CultureInfo.InvariantCulture, $"/runs/{RunId}?{string.Join('&', parts)}");
    }

    /// <summary>Images of one class, or of one cell of the matrix, in an epoch.</summary>
    public static string ImagesOf(int runId, int epoch, int? truth = null, int? predicted = null, bool? wrong = null) =>
        new ReviewAddress(runId, Images)
        {
            Epoch = epoch,
            Query = new PredictionQuery { Truth = truth, Predicted = predicted, Wrong = wrong },
        }.ToString();

    /// <summary>Numbers of an address are written by people too: what is none counts as absent.</summary>
    internal static int? Number(string? text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value) ? value : null;

    internal static float Share(string? text, float otherwise) =>
        float.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) && value is >= 0 and <= 1 ? value : otherwise;

    internal static bool? YesNo(string? text) => bool.TryParse(text, out var value) ? value : null;

    private static void Add(List<string> parts, string name, int? value)
    {
        if (value is { } number) parts.Add(string.Create(CultureInfo.InvariantCulture, $"{name}={number}"));
    }
}

namespace Dashboard.Dispatch.Words;

/// <summary>Why a learning rate can't be searched.</summary>
internal static class RateSearchWords
{
    public const string DoesNotTrainHere =
        "This computer doesn't train, so it can't search a rate. Run ./run.sh find-rate on one that does.";

    public const string AnotherIsUnderWay = "Another search is under way. Wait until it is over: it takes less than a minute.";

    public const string RunTrains =
        "A run trains on this machine or waits for it. Search when it is over: both at once would slow each other down.";

    public const string GaveWay = "A run has started on this machine, so the search gave way. Search again when it is over.";

    public static string RecipeRefused(string message, string remedy) => $"{message} {remedy}".Trim();

    /// <param name="printed">What it printed last; null: nothing.</param>
    public static string NoResult(string? printed) => $"The search ended without a result. {printed}".Trim();
}

using System.Globalization;
using Dashboard.Runs.Predictions;
using Microsoft.Extensions.Localization;

namespace Dashboard.Pages.Wording;

/// <summary>A sample's history in one sentence, such as "Wrong at epochs 1–3, right since 4."</summary>
internal static class HistoryWords
{
    /// <param name="seen">In epoch order, at least one.</param>
    public static string Of(IReadOnlyList<SeenAs> seen, int truth, IStringLocalizer<Words> words)
    {
        var right = seen.Select(s => s.Predicted == truth).ToList();
        var wrong = Ranges(seen.Where(s => s.Predicted != truth).Select(s => s.Epoch).ToList(), seen, words);
        if (right.TrueForAll(r => r)) return words["Right in every epoch so far."];
        if (!right.Contains(true)) return words["Never learned: wrong in every epoch so far."];

        var last = right.LastIndexOf(!right[^1]) + 1;
        var since = seen[last].Epoch;
        if (right[^1]) return words["Wrong at {0}, right since {1}.", wrong, since];
        return right.IndexOf(false) == last
            ? words["Forgotten: right until epoch {0}, wrong since {1}.", seen[last - 1].Epoch, since]
            : words["Unsteady: wrong at {0}.", wrong];
    }

    // Neighbours are evaluated epochs, which need not be consecutive numbers.
    private static string Ranges(List<int> epochs, IReadOnlyList<SeenAs> seen, IStringLocalizer<Words> words)
    {
        var order = seen.Select((s, i) => (s.Epoch, i)).ToDictionary(p => p.Epoch, p => p.i);
        var ranges = new List<(int First, int Last)>();
        foreach (var epoch in epochs)
        {
            if (ranges.Count > 0 && order[ranges[^1].Last] + 1 == order[epoch]) ranges[^1] = (ranges[^1].First, epoch);
            else ranges.Add((epoch, epoch));
        }
        var text = string.Join(", ", ranges.Select(r => r.First == r.Last
            ? r.First.ToString(CultureInfo.CurrentCulture)
            : string.Create(CultureInfo.CurrentCulture, $"{r.First}–{r.Last}")));
        return epochs.Count == 1 ? words["epoch {0}", text] : words["epochs {0}", text];
    }
}

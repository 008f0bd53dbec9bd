using Dashboard.Runs;
using Dashboard.Storage;

namespace Dashboard.RunList;

/// <summary>What the runs page is asked to show; the same words as in its URL.</summary>
/// <param name="Text">Part of a name, dataset or machine, case ignored.</param>
/// <param name="State">A value of <see cref="States"/>; null or unknown: any.</param>
public sealed record RunFilter(string? Text, string? State, int? DatasetId)
{
    public static IReadOnlyList<(string Value, string Word, Func<RunRow, bool> Fits)> States { get; } =
    [
        ("live", "Running", run => run.State.IsLive()),
        ("queued", "Queued", run => run.State == RunState.Queued),
        ("completed", "Completed", run => run.State == RunState.Completed),
        ("stopped", "Stopped", run => run.State == RunState.Stopped),
        ("failed", "Failed", run => run.State == RunState.Failed),
    ];

    public IEnumerable<RunRow> Apply(IEnumerable<RunRow> runs)
    {
        var fits = States.FirstOrDefault(state => state.Value == State).Fits;
        var text = Text?.Trim() ?? "";
        return runs.Where(run => (fits is null || fits(run))
            && (DatasetId is null || run.DatasetId == DatasetId)
            && (text.Length == 0 || Has(run.Name, text) || Has(run.DatasetName, text) || Has(run.Machine, text)));
    }

    private static bool Has(string where, string text) => where.Contains(text, StringComparison.CurrentCultureIgnoreCase);
}

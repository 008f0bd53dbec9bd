using System.Linq.Expressions;
using Dashboard.Storage;

namespace Dashboard.Pages.Runs;

/// <summary>What the runs page is asked to show; the same words as in its URL.</summary>
/// <param name="Text">Part of a name, dataset or machine, case ignored.</param>
/// <param name="State">A value of <see cref="States"/>; null or unknown: any.</param>
public sealed record RunFilter(string? Text, string? State, int? DatasetId)
{
    public static IReadOnlyList<(string Value, string Word, Expression<Func<RunRow, bool>> Fits)> States { get; } =
    [
        ("live", "Running", run => run.State == RunState.Preparing || run.State == RunState.Training),
        ("queued", "Queued", run => run.State == RunState.Queued),
        ("paused", "Paused", run => run.State == RunState.Paused),
        ("completed", "Completed", run => run.State == RunState.Completed),
        ("stopped", "Stopped", run => run.State == RunState.Stopped),
        ("failed", "Failed", run => run.State == RunState.Failed),
    ];

    /// <summary>Nothing is filtered out.</summary>
    public bool IsEmpty => string.IsNullOrWhiteSpace(Text) && Fits is null && DatasetId is null;

    private Expression<Func<RunRow, bool>>? Fits => States.FirstOrDefault(state => state.Value == State).Fits;

    /// <summary>For the database.</summary>
    public IQueryable<RunRow> Apply(IQueryable<RunRow> runs)
    {
        if (Fits is { } fits) runs = runs.Where(fits);
        if (DatasetId is { } dataset) runs = runs.Where(run => run.DatasetId == dataset);
        if (string.IsNullOrWhiteSpace(Text)) return runs;
        var text = Text.Trim().ToLowerInvariant();
#pragma warning disable CA1304, CA1311, CA1862 // Becomes SQL, which knows no culture.
        return runs.Where(run =>
            run.Name.ToLower().Contains(text) || run.DatasetName.ToLower().Contains(text) || run.Machine.ToLower().Contains(text));
#pragma warning restore CA1304, CA1311, CA1862
    }
}

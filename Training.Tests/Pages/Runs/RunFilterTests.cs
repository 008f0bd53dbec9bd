using Dashboard.Pages.Runs;
using Dashboard.Storage;

namespace Training.Tests.Pages.Runs;

public sealed class RunFilterTests
{
    private static readonly RunRow[] Runs =
    [
        Run(1, "고양이 · transfer", 7, "photos", RunState.Training, "rtx-box"),
        Run(2, "shapes", 8, "Demo", RunState.Completed, "laptop"),
        Run(3, "shapes again", 8, "Demo", RunState.Failed, "RTX-box"),
    ];

    [Theory]
    [InlineData(null, null, null, "1 2 3")]
    [InlineData("고양이", null, null, "1")]
    [InlineData(" rtx ", null, null, "1 3")]
    [InlineData("demo", null, null, "2 3")]
    [InlineData(null, "live", null, "1")]
    [InlineData(null, "failed", null, "3")]
    [InlineData(null, "nonsense", null, "1 2 3")]
    [InlineData(null, null, 8, "2 3")]
    [InlineData("again", "completed", null, "")]
    public void Filter_ByWhatTheUrlSays_KeepsTheRunsThatFit(string? text, string? state, int? dataset, string ids) =>
        Assert.Equal(ids, string.Join(' ', new RunFilter(text, state, dataset).Apply(Runs.AsQueryable()).Select(run => run.Id)));

    private static RunRow Run(int id, string name, int dataset, string datasetName, RunState state, string machine) =>
        new() { Id = id, Name = name, DatasetId = dataset, DatasetName = datasetName, RecipeJson = "{}", State = state, Machine = machine };
}

using Dashboard.Dispatch.RateSearch;
using Dashboard.Storage;
using Training.Core.Devices;
using Training.Core.Engine.RateSearch;
using Training.Core.Recipes;
using Training.Tests.TestKit;

namespace Training.Tests.Dispatch.RateSearch;

public sealed class RateSearchesTests : IAsyncDisposable
{
    private readonly DashboardApp _app = new(settings: new Dictionary<string, string> { ["Dashboard:TrainHere"] = "true" });

    public async ValueTask DisposeAsync() => await _app.DisposeAsync();

    [Fact]
    public async Task Find_OnASmallDataset_TellsEveryPointAndTheResult()
    {
        var recipe = await RecipeAsync();
        var lines = new List<RateLine>();

        var found = await _app.Get<RateSearches>().FindAsync(recipe, Take(lines), CancellationToken.None);

        Assert.Equal(found, lines[^1].Finding);
        var points = lines.Select(line => line.Point).OfType<RatePoint>().ToList();
        Assert.InRange(points.Count, RateSweep.FewestSteps / 2, RateSweep.MostSteps);
        Assert.Equal(Enumerable.Range(1, points.Count), points.Select(point => point.Step));
        Assert.Equal(points.Select(point => point.Rate).Order(), points.Select(point => point.Rate));
        Assert.Equal(1e-6, points[0].Rate, 12);
        Assert.Contains(lines, line => line.Phase is not null);
        // The same search in another process gives the same: nothing of it depends on the clock but the number of steps.
        Assert.Equal(RateFinding.Of(points), found);
        Assert.Empty(Directory.EnumerateDirectories(new Dashboard.Storage.DashboardOptions { DataRoot = _app.DataRoot }.RunFolder(1).Path
            + "/.."));
    }

    [Fact]
    public async Task Find_Twice_RefusesTheSecond_AndCancelledFreesTheWay()
    {
        var recipe = await RecipeAsync();
        var searches = _app.Get<RateSearches>();
        using var cancellation = new CancellationTokenSource();
        var first = searches.FindAsync(recipe, _ => Task.CompletedTask, cancellation.Token);

        var refused = await Assert.ThrowsAsync<RateSearchException>(() =>
            searches.FindAsync(recipe, _ => Task.CompletedTask, CancellationToken.None));
        await cancellation.CancelAsync();

        Assert.StartsWith("Another search is under way", refused.Message, StringComparison.Ordinal);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        var next = await Assert.ThrowsAsync<RateSearchException>(() =>
            searches.FindAsync(recipe with { Epochs = 0 }, _ => Task.CompletedTask, CancellationToken.None));
        Assert.DoesNotContain("Another search", next.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Find_WhileARunTrains_IsRefused()
    {
        var builder = new RunBuilder(_app) { Images = false, State = RunState.Training, DoneEpochs = 1 };
        await builder.BuildAsync();

        var refused = await Assert.ThrowsAsync<RateSearchException>(
            async () => await _app.Get<RateSearches>().FindAsync(await RecipeAsync(), _ => Task.CompletedTask, CancellationToken.None));

        Assert.StartsWith("A run trains on this machine", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Find_WhenPhotosAreGone_SaysWhichAndNoStackTrace()
    {
        var recipe = await RecipeAsync(images: false);

        var failed = await Assert.ThrowsAsync<RateSearchException>(
            () => _app.Get<RateSearches>().FindAsync(recipe, _ => Task.CompletedTask, CancellationToken.None));

        Assert.Contains("it was there when the dataset was scanned", failed.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", failed.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("libtorch says something")]
    [InlineData("[1, 2]")]
    [InlineData("{\"other\":1}")]
    [InlineData("")]
    public void Parse_OfAnotherLine_IsNothing(string line) => Assert.Null(RateLine.Parse(line));

    private static Func<RateLine, Task> Take(List<RateLine> lines) => line =>
    {
        lines.Add(line);
        return Task.CompletedTask;
    };

    private async Task<Recipe> RecipeAsync(bool images = true)
    {
        var dataset = await new RunBuilder(_app) { Images = images, DatasetName = "photos" }.BuildDatasetAsync();
        return new Recipe
        {
            Dataset = dataset.Id.ToString(System.Globalization.CultureInfo.InvariantCulture), Mode = TrainingMode.Transfer,
            BatchSize = 8, ImageSize = 32, Precision = PrecisionKind.Fp32,
        };
    }
}

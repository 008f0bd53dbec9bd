using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Dashboard.Storage;
using Training.Core.Runs;
using Training.Tests.TestKit;

namespace Training.Tests.Api;

[System.Diagnostics.CodeAnalysis.SuppressMessage("Reliability", "CA1001", Justification = "IAsyncLifetime disposes them.")]
public sealed class MetricsApiTests : IAsyncLifetime
{
    private readonly DashboardApp _app = new();
    private HttpClient _client = null!;
    private RunRow _run = null!;

    [Fact]
    public async Task Get_WithoutParameters_GivesEverySeriesWhole()
    {
        var series = await GetAsync("");

        Assert.Equal(["trainLoss", "learningRate", "imagesPerSecond", "epochTrainLoss", "valLoss", "valAccuracy"], series.Keys);
        Assert.Equal([1, 2, 3], series["trainLoss"].X[..3]);
        Assert.Equal((400, 400), (series["trainLoss"].Total, series["trainLoss"].X.Count));
        Assert.Equal([100, 200, 300, 400], series["valAccuracy"].X);
        var epochs = await _app.Runs.EpochsAsync(_run.Id);
        Assert.Equal(epochs.Select(epoch => (double?)epoch.ValAccuracy), series["valAccuracy"].Y);
    }

    [Fact]
    public async Task Get_OfChosenSeriesBetweenTwoSteps_GivesThoseOnly()
    {
        var series = await GetAsync("?series=trainLoss,valLoss&from=150&to=250");

        Assert.Equal(["trainLoss", "valLoss"], series.Keys);
        Assert.Equal(Enumerable.Range(150, 101).Select(step => (double)step),
            series["trainLoss"].X.Where(step => step is >= 150 and <= 250));
        Assert.InRange(series["trainLoss"].X.Count, 101, 103);
        Assert.Contains(200, series["valLoss"].X);
    }

    [Fact]
    public async Task Get_InFewBuckets_KeepsTheSpike()
    {
        await _app.Runs.ApplyAsync(_run.Id, 1,
            [new JournalEntry(await NextAsync(), DateTimeOffset.UnixEpoch, new StepCompleted(5, 401, 77, 0.001, 50))]);

        var loss = (await GetAsync("?series=trainLoss&buckets=10"))["trainLoss"];

        Assert.InRange(loss.X.Count, 10, 40);
        Assert.True(loss.BucketWidth > 1);
        Assert.Equal(77, loss.Y.Max());
        Assert.Equal(401, loss.Total);
        Assert.Equal(loss.X.Order(), loss.X);
    }

    [Fact]
    public async Task Get_OfALossThatIsNoNumber_GivesNull()
    {
        await _app.Runs.ApplyAsync(_run.Id, 1,
            [new JournalEntry(await NextAsync(), DateTimeOffset.UnixEpoch, new StepCompleted(5, 401, double.NaN, 0.001, 50))]);

        Assert.Null((await GetAsync("?series=trainLoss&from=401&to=401"))["trainLoss"].Y[^1]);
        Assert.Equal([new NotNumber(401, "NaN")], (await GetAsync("?series=trainLoss&from=401&to=401"))["trainLoss"].NotNumbers);
    }

    [Fact]
    public async Task Get_OfARunThatBeganWithItsHead_HasEpochZeroAtStepZero()
    {
        var plan = new RunBuilder(_app) { Images = false, Predictions = false, State = Dashboard.Storage.RunState.Training, DoneEpochs = 0,
            DatasetName = "other" };
        var run = await plan.BuildAsync();
        var head = new EpochCompleted(0, 0, 0.4, 0.5, 0.875, 3000, 300, 1, true);
        await _app.Runs.ApplyAsync(run.Id, 1, [new JournalEntry(plan.LastSequence + 1, DateTimeOffset.UnixEpoch, head)]);

        var answer = await _client.GetFromJsonAsync<Answer>($"/api/runs/{run.Id}/metrics?series=valAccuracy");

        var series = Assert.Single(answer!.Series);
        Assert.Equal([0.0], series.X);
        Assert.Equal([0.875], series.Y);
    }

    [Theory]
    [InlineData("series=loss", "series", "no series 'loss'")]
    [InlineData("from=x", "from", "'x' is not a step's number")]
    [InlineData("to=NaN", "to", "'NaN' is not a step's number")]
    [InlineData("from=9&to=3", "from", "greater than to")]
    [InlineData("buckets=0", "buckets", "from 1 to 20000")]
    [InlineData("buckets=20001", "buckets", "from 1 to 20000")]
    [InlineData("buckets=2.5", "buckets", "a whole number")]
    [InlineData("buckets=-1", "buckets", "from 1 to 20000")]
    [InlineData("smoothing=1", "smoothing", "0 to 0.999")]
    public async Task Get_WithABadValue_NamesTheFieldAndWhatIsTaken(string query, string field, string words)
    {
        var answer = await _client.GetAsync($"/api/runs/{_run.Id}/metrics?{query}");

        Assert.Equal((HttpStatusCode.BadRequest, "application/problem+json"),
            (answer.StatusCode, answer.Content.Headers.ContentType?.MediaType));
        var error = Assert.Single((await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("errors").EnumerateObject());
        Assert.Equal(field, error.Name);
        Assert.Contains(words, error.Value[0].GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Get_WithManyBadValues_NamesEachField()
    {
        var answer = await _client.GetAsync($"/api/runs/{_run.Id}/metrics?series=loss&from=a&to=b&buckets=c&smoothing=d");

        var errors = (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("errors").EnumerateObject()
            .Select(error => error.Name);
        Assert.Equal(["buckets", "from", "series", "smoothing", "to"], errors.Order());
    }

    public async Task InitializeAsync()
    {
        _client = _app.CreateClient();
        _run = await new RunBuilder(_app)
        {
            Images = false, Predictions = false, State = Dashboard.Storage.RunState.Training, StepsPerEpoch = 100, DoneEpochs = 4,
                Epochs = 5,
        }.BuildAsync();
    }

    public async Task DisposeAsync()
    {
        _client.Dispose();
        await _app.DisposeAsync();
    }

    private async Task<long> NextAsync() => (await _app.Runs.AttemptAsync(_run.Id, 1))!.Value.Attempt.LastSequence + 1;

    private async Task<IReadOnlyDictionary<string, Series>> GetAsync(string query)
    {
        var answer = await _client.GetFromJsonAsync<Answer>($"/api/runs/{_run.Id}/metrics{query}");
        Assert.Equal(_run.Id, answer!.RunId);
        return answer.Series.ToDictionary(series => series.Name);
    }

    private sealed record Answer(int RunId, IReadOnlyList<Series> Series);

    private sealed record Series(string Name, double BucketWidth, int Total, List<double> X, List<double?> Y, List<NotNumber> NotNumbers);

    private sealed record NotNumber(double X, string Value);
}

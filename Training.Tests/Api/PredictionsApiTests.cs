using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Dashboard.Storage;
using Microsoft.Extensions.Options;
using Training.Core.Metrics.Predictions;
using Training.Tests.Pages.Review;
using Training.Tests.TestKit;

namespace Training.Tests.Api;

public sealed class PredictionsApiTests : IAsyncLifetime, IDisposable
{
    private readonly DashboardApp _app = new();
    private HttpClient _http = null!;
    private int _run;

    public async Task InitializeAsync()
    {
        var run = await new RunBuilder(_app) { Images = false, Classes = ["cat", "<b>개</b>", "rabbit"], ValSamples = 30 }.BuildAsync();
        (_run, _http) = (run.Id, _app.CreateClient());
    }

    public async Task DisposeAsync() => await _app.DisposeAsync();

    public void Dispose() => _http.Dispose();

    [Fact]
    public async Task Confusion_WithoutAnEpoch_GivesTheBestOne()
    {
        var run = await _app.Runs.GetAsync(_run);

        var answer = await GetAsync($"/api/runs/{_run}/confusion");

        Assert.Equal(run!.BestEpoch, answer.GetProperty("epoch").GetInt32());
        Assert.Equal(["cat", "<b>개</b>", "rabbit"], answer.GetProperty("classes").EnumerateArray().Select(c => c.GetString()!));
        var counts = answer.GetProperty("counts").EnumerateArray().Select(row => row.EnumerateArray().Select(c => c.GetInt32()).ToList())
            .ToList();
        Assert.Equal(30, counts.Sum(row => row.Sum()));
        Assert.Equal(answer.GetProperty("correct").GetInt32(), counts.Select((row, i) => row[i]).Sum());
    }

    [Fact]
    public async Task Predictions_OfACell_AreAsManyAsTheMatrixCounts()
    {
        var confusion = await GetAsync($"/api/runs/{_run}/confusion?epoch=1");
        for (var truth = 0; truth < 3; truth++)
            for (var predicted = 0; predicted < 3; predicted++)
            {
                var answer = await GetAsync($"/api/runs/{_run}/predictions?epoch=1&truth={truth}&predicted={predicted}");
                Assert.Equal(confusion.GetProperty("counts")[truth][predicted].GetInt32(), answer.GetProperty("total").GetInt32());
            }
    }

    [Fact]
    public async Task Predictions_InPages_GiveEveryImageOnceWithItsPathAndAddresses()
    {
        var first = await GetAsync($"/api/runs/{_run}/predictions?epoch=1&sort=sampleId&pageSize=20");
        var second = await GetAsync($"/api/runs/{_run}/predictions?epoch=1&sort=sampleId&pageSize=20&page=2");
        var beyond = await GetAsync($"/api/runs/{_run}/predictions?epoch=1&pageSize=1000&page=2000000000");

        var ids = Items(first).Concat(Items(second)).Select(item => item.GetProperty("sampleId").GetInt32()).ToList();
        Assert.Equal(30, ids.Distinct().Count());
        Assert.Equal((20, 10, 0), (Items(first).Count, Items(second).Count, Items(beyond).Count));
        var item = Items(first)[0];
        Assert.StartsWith("val/", item.GetProperty("path").GetString(), StringComparison.Ordinal);
        Assert.EndsWith($"/{ids[0]}", item.GetProperty("thumbnail").GetString()!.Split('?')[0], StringComparison.Ordinal);
        Assert.StartsWith("/images/", item.GetProperty("image").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Predictions_OfAPhotoMovedIntoAnotherClass_SayWhereItIsAndWhatItsLabelIsNow()
    {
        var run = await _app.Runs.GetAsync(_run);
        await using (var db = _app.Database())
        {
            var rows = db.Samples.Where(row => row.DatasetId == run!.DatasetId && row.SampleId < 3).OrderBy(row => row.SampleId).ToList();
            (rows[0].Gone, rows[0].Sha256) = (true, "aa");
            (rows[1].Path, rows[1].Label, rows[1].Sha256) = ("val/rabbit/sorted.jpg", 2, "aa");
            (rows[2].Gone, rows[2].Sha256) = (true, "bb");
            await db.SaveChangesAsync();
        }
        Write(3, ReviewRun.Seen(0, 0, 2), ReviewRun.Seen(1, 1, 1), ReviewRun.Seen(2, 1, 1));

        var items = Items(await GetAsync($"/api/runs/{_run}/predictions?epoch=3&sort=sampleId"));

        var moved = items[0].GetProperty("movedTo");
        Assert.Equal((1, "val/rabbit/sorted.jpg", 2, "rabbit"), (moved.GetProperty("sampleId").GetInt32(),
            moved.GetProperty("path").GetString(), moved.GetProperty("label").GetInt32(), moved.GetProperty("className").GetString()));
        Assert.All(items.Skip(1), item => Assert.Equal(JsonValueKind.Null, item.GetProperty("movedTo").ValueKind));
    }

    [Fact]
    public async Task Predictions_ByDefault_AreWrongOnesFirstByLoss()
    {
        var items = Items(await GetAsync($"/api/runs/{_run}/predictions?epoch=1"));

        var order = items.Select(i => (Right: !i.GetProperty("wrong").GetBoolean(), Loss: -i.GetProperty("loss").GetSingle())).ToList();
        Assert.Equal(order.Order(), order);
        Assert.False(order[0].Right);
    }

    [Theory]
    [InlineData("predictions?truth=cat", "truth", "a class index from 0 to 2")]
    [InlineData("predictions?predicted=3", "predicted", "a class index from 0 to 2")]
    [InlineData("predictions?wrong=maybe", "wrong", "true, false")]
    [InlineData("predictions?minConfidence=NaN", "minConfidence", "from 0 to 1")]
    [InlineData("predictions?minConfidence=0.9&maxConfidence=0.1", "minConfidence", "Swap them")]
    [InlineData("predictions?sort=best", "sort", "wrongFirst, lossDescending")]
    [InlineData("predictions?page=0", "page", "from 1")]
    [InlineData("predictions?pageSize=1001", "pageSize", "from 1 to 1000")]
    [InlineData("predictions?epoch=last", "epoch", "an epoch's number, from 0")]
    [InlineData("confusion?epoch=-1", "epoch", "an epoch's number, from 0")]
    public async Task Review_OfABadValue_NamesTheFieldAndTheRemedy(string query, string field, string remedy)
    {
        using var answer = await _http.GetAsync($"/api/runs/{_run}/{query}");

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType!.MediaType);
        var problem = await answer.Content.ReadFromJsonAsync<JsonElement>();
        Assert.Contains(remedy, problem.GetProperty("errors").GetProperty(field)[0].GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/api/runs/9999/confusion", "There is no run 9999")]
    [InlineData("/api/runs/9999/predictions", "There is no run 9999")]
    [InlineData("/api/runs/{0}/confusion?epoch=77", "no predictions of epoch 77")]
    [InlineData("/api/runs/{0}/predictions?epoch=77", "no predictions of epoch 77")]
    public async Task Review_OfWhatIsNotThere_SaysSo(string path, string words)
    {
        using var answer = await _http.GetAsync(path.Replace("{0}", $"{_run}", StringComparison.Ordinal));

        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        var problem = await answer.Content.ReadFromJsonAsync<JsonElement>();
        Assert.Contains(words, problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Review_OfARunWithoutEpochs_SaysWhenTheyCome()
    {
        var waiting = await new RunBuilder(_app) { Images = false, DatasetName = "other", State = RunState.Queued }.BuildAsync();

        using var answer = await _http.GetAsync($"/api/runs/{waiting.Id}/predictions");

        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        Assert.Contains("the first come with the end of its first epoch", await answer.Content.ReadAsStringAsync(),
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task Review_OfEpochZero_IsThatOfTheHeadAlone()
    {
        Write(0, ReviewRun.Seen(0, 0, 0), ReviewRun.Seen(1, 1, 0));

        var confusion = await GetAsync($"/api/runs/{_run}/confusion?epoch=0");
        var predictions = await GetAsync($"/api/runs/{_run}/predictions?epoch=0");

        Assert.Equal((0, 2, 1),
            (confusion.GetProperty("epoch").GetInt32(), confusion.GetProperty("total").GetInt32(),
                confusion.GetProperty("correct").GetInt32()));
        Assert.Equal((0, 2), (predictions.GetProperty("epoch").GetInt32(), predictions.GetProperty("total").GetInt32()));
    }

    [Fact]
    public async Task Confusion_OfFewImages_HasIntervalsAndNoFiguresOfWhatWasNotMeasured()
    {
        Write(3, [.. Enumerable.Range(0, 6).Select(id => ReviewRun.Seen(id, 0, 0))]);

        var answer = await GetAsync($"/api/runs/{_run}/confusion?epoch=3");

        Assert.Equal(1, answer.GetProperty("accuracy").GetDouble());
        // SciPy's for 6 of 6.
        Assert.Equal(0.6096657120978346, answer.GetProperty("accuracyInterval").GetProperty("low").GetDouble(), 1e-12);
        Assert.Equal(1, answer.GetProperty("accuracyInterval").GetProperty("high").GetDouble());
        var report = answer.GetProperty("report");
        Assert.Equal(("cat", 6, 1.0),
            (report[0].GetProperty("name").GetString(), report[0].GetProperty("support").GetInt32(),
                report[0].GetProperty("recall").GetDouble()));
        foreach (var figure in new[] { "precision", "precisionInterval", "recall", "recallInterval", "f1" })
            Assert.Equal(JsonValueKind.Null, report[1].GetProperty(figure).ValueKind);
    }

    [Fact]
    public async Task Predictions_WithALossThatIsNoNumber_GiveNullAndNoWordThatJsonLacks()
    {
        Write(3, ReviewRun.Seen(0, 0, 0) with { Loss = float.PositiveInfinity });

        var text = await _http.GetStringAsync($"/api/runs/{_run}/predictions?epoch=3");

        Assert.Contains("\"loss\":null", text, StringComparison.Ordinal);
        Assert.DoesNotContain("Infinity", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Confusion_OfAnswersThatAreNoNumbers_IsNoAgreement()
    {
        Write(3, ReviewRun.Seen(0, 0, 0, float.NaN), ReviewRun.Seen(1, 1, 1, float.NaN));

        using var answer = await _http.GetAsync($"/api/runs/{_run}/confusion?epoch=3");

        Assert.Equal(HttpStatusCode.InternalServerError, answer.StatusCode);
        Assert.Contains("are no numbers", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Document_OfTheApi_CallsFiguresNumbers()
    {
        var schemas = (await GetAsync("/openapi/v1.json")).GetProperty("components").GetProperty("schemas");

        var low = schemas.GetProperty("ConfusionAnswer").GetProperty("properties").GetProperty("accuracy");
        Assert.Equal("double", low.GetProperty("format").GetString());
        Assert.Contains("number", low.GetProperty("type").ToString(), StringComparison.Ordinal);
    }

    private void Write(int epoch, params Prediction[] predictions)
    {
        var folder = _app.Get<IOptions<DashboardOptions>>().Value.RunFolder(_run);
        Directory.CreateDirectory(folder.PredictionsFolder);
        PredictionFile.Write(folder.Predictions(epoch), predictions);
    }

    private Task<JsonElement> GetAsync(string path) => _http.GetFromJsonAsync<JsonElement>(path);

    private static List<JsonElement> Items(JsonElement answer) => [.. answer.GetProperty("items").EnumerateArray()];
}

using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Dashboard.Storage;
using Microsoft.Extensions.Options;
using Training.Core.Data;
using Training.Core.Recipes;
using Training.Core.Runs;
using Training.Tests.TestKit;

namespace Training.Tests.Api;

[System.Diagnostics.CodeAnalysis.SuppressMessage("Reliability", "CA1001", Justification = "IAsyncLifetime disposes them.")]
public sealed partial class RunsApiTests : IAsyncLifetime
{
    private readonly DashboardApp _app = new();
    private HttpClient _client = null!;
    private DatasetRow _dataset = null!;

    public async Task InitializeAsync()
    {
        _client = _app.CreateClient();
        _dataset = await new RunBuilder(_app) { Images = false }.BuildDatasetAsync();
    }

    public async Task DisposeAsync()
    {
        _client.Dispose();
        await _app.DisposeAsync();
    }

    [Fact]
    public async Task Post_WithADatasetOnly_QueuesARunFromTheModesPreset()
    {
        var response = await PostAsync("/api/runs", """{"dataset": "cats and dogs", "mode": "fineTune"}""");

        Assert.Equal(HttpStatusCode.Created, response.StatusCode);
        var run = await JsonAsync(response);
        Assert.Equal($"/api/runs/{run.GetProperty("id")}", response.Headers.Location!.ToString());
        Assert.Equal("queued", run.GetProperty("state").GetString());
        Assert.Equal("Waiting for a free device", run.GetProperty("reason").GetString());
        Assert.Equal("cats and dogs · Fine-tuning", run.GetProperty("name").GetString());
        var recipe = run.GetProperty("recipe").Deserialize<Recipe>(CoreJson.Options)!;
        Assert.Equal((Presets.FineTune, 10, 0.1), (recipe.Preset, recipe.Epochs, recipe.BackboneRateFactor));
    }

    [Fact]
    public async Task Post_SentAgainWithItsKey_GetsTheSameRun()
    {
        var (first, again) = (KeyedAsync("form 1"), KeyedAsync("form 1"));
        var ids = new[] { await first, await again, await KeyedAsync("form 1") };
        var other = await KeyedAsync("form 2");

        Assert.Single(ids.Distinct());
        Assert.NotEqual(ids[0], other);
        Assert.Equal(2, (await _client.GetFromJsonAsync<JsonElement>("/api/runs")).GetArrayLength());
    }

    [Fact]
    public async Task Post_AfterARefusalWithTheSameKey_IsTriedAnew()
    {
        using var refused = Keyed("form 1", """{"dataset": "no such"}""");
        Assert.Equal(HttpStatusCode.BadRequest, (await _client.SendAsync(refused)).StatusCode);

        Assert.InRange(await KeyedAsync("form 1"), 1, int.MaxValue);
    }

    private async Task<int> KeyedAsync(string key)
    {
        using var request = Keyed(key, """{"dataset": "cats and dogs"}""");
        return (await JsonAsync(await _client.SendAsync(request))).GetProperty("id").GetInt32();
    }

    private static HttpRequestMessage Keyed(string key, string body) => new(HttpMethod.Post, "/api/runs")
    {
        Headers = { { "Idempotency-Key", key } }, Content = new StringContent(body, Encoding.UTF8, "application/json"),
    };

    [Fact]
    public async Task Post_Queued_HasItsRecipeAndSamplesInTheRunsFolder()
    {
        var run = await JsonAsync(await PostAsync("/api/runs", $$"""{"dataset": {{_dataset.Id}}, "epochs": 2}"""));

        var folder = Folder(run.GetProperty("id").GetInt32());
        Assert.Equal(2, folder.ReadRecipe().Epochs);
        var manifest = DatasetManifest.Load(folder.Manifest);
        Assert.Equal((48, 24), (manifest.Samples.Count(s => s.Split == Split.Train), manifest.Samples.Count(s => s.Split == Split.Val)));
    }

    [Fact]
    public async Task Post_WithThePresetOfTheArticle_TakesExactlyItsValues()
    {
        var run = await JsonAsync(await PostAsync("/api/runs", """{"dataset": "cats and dogs", "preset": "adam001AllLayers", "batchSize": 16}"""));

        var recipe = run.GetProperty("recipe").Deserialize<Recipe>(CoreJson.Options)!;
        Assert.Equal((OptimizerKind.Adam, 0.01, 3, 16), (recipe.Optimizer, recipe.LearningRate, recipe.Epochs, recipe.BatchSize));
    }

    [Theory]
    [InlineData("""{"dataset": "cats and dogs", "epochs": 0}""", "epochs", "from 1 to 1,000")]
    [InlineData("""{"dataset": "cats and dogs", "learningRate": "NaN"}""", "learningRate", "not a number")]
    [InlineData("""{"dataset": "cats and dogs", "batchSize": 64}""", "batchSize", "48")]
    [InlineData("""{"dataset": "cats and dogs", "mode": "magic"}""", "mode", "transfer, fineTune, fromScratch")]
    [InlineData("""{"dataset": "cats and dogs", "epochs": 2.5}""", "epochs", "2.5 is not a whole number")]
    [InlineData("""{"dataset": "cats and dogs", "learning_rate": 1}""", "learning_rate", "no field 'learning_rate'")]
    [InlineData("""{"dataset": "cats and dogs", "preset": "best"}""", "preset", "no preset 'best'")]
    [InlineData("""{"dataset": "cats and dogs", "backbone": "resnet999"}""", "backbone", "no backbone 'resnet999'")]
    [InlineData("""{"dataset": "cats and dogs", "machine": "mars"}""", "machine", "no machine “mars”")]
    [InlineData("""{"dataset": "unicorns"}""", "dataset", "no dataset “unicorns”")]
    [InlineData("""{"epochs": 3}""", "dataset", "missing")]
    [InlineData("""{"dataset": """, "body", "not valid JSON")]
    [InlineData("""[1, 2]""", "body", "JSON object")]
    [InlineData("", "body", "not valid JSON")]
    public async Task Post_WithABadRecipe_NamesTheFieldAndTheRemedyAndStoresNothing(string body, string field, string words)
    {
        var response = await PostAsync("/api/runs", body);

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType!.MediaType);
        var message = (await JsonAsync(response)).GetProperty("errors").GetProperty(field)[0].GetString();
        Assert.Contains(words, message, StringComparison.Ordinal);
        Assert.Empty(await _app.Runs.ListAsync());
        var runs = _app.Get<IOptions<DashboardOptions>>().Value.RunsFolder;
        Assert.True(!Directory.Exists(runs) || Directory.GetFileSystemEntries(runs).Length == 0);
    }

    [Theory]
    [InlineData("""{"dataset": "cats and dogs", "epochs": "many", "optimizer": "magic", "seed": null}""", "epochs,optimizer,seed")]
    [InlineData("""{"dataset": "unicorns", "epochs": 0, "learningRate": -1, "imageSize": 7, "machine": "mars"}""", "dataset,epochs,imageSize,learningRate,machine")]
    [InlineData("""{"dataset": "cats and dogs", "epochs": 0, "optimizer": "magic", "batchSize": 64}""", "batchSize,epochs,optimizer")]
    public async Task Post_WithManyErrors_NamesAllFields(string body, string fields)
    {
        var response = await PostAsync("/api/runs", body);

        Assert.Equal(fields.Split(','), (await JsonAsync(response)).GetProperty("errors").EnumerateObject().Select(p => p.Name).Order());
    }

    [Fact]
    public async Task Post_OfAForm_SaysThatJsonIsWanted()
    {
        using var form = new FormUrlEncodedContent([KeyValuePair.Create("dataset", "1")]);
        var response = await _client.PostAsync("/api/runs", form);

        Assert.Equal(HttpStatusCode.UnsupportedMediaType, response.StatusCode);
        Assert.Contains("application/json", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Get_OfARun_ShowsHowFarItIs()
    {
        var built = await new RunBuilder(_app) { State = RunState.Training, DoneEpochs = 2, Images = false, Predictions = false }
            .BuildAsync(_dataset);

        var run = await _client.GetFromJsonAsync<JsonElement>($"/api/runs/{built.Id}");

        Assert.Equal("training", run.GetProperty("state").GetString());
        Assert.Equal(0.5, run.GetProperty("progress").GetDouble());
        Assert.Equal((2, 20), (run.GetProperty("epoch").GetInt32(), run.GetProperty("step").GetInt32()));
        Assert.True(run.GetProperty("secondsLeft").GetDouble() > 0);
        Assert.Equal(["cat", "dog", "rabbit"], run.GetProperty("classes").EnumerateArray().Select(c => c.GetString()));
    }

    [Theory]
    [InlineData("GET", "/api/runs/99")]
    [InlineData("POST", "/api/runs/99/stop")]
    [InlineData("POST", "/api/runs/99/clone")]
    [InlineData("DELETE", "/api/runs/99")]
    [InlineData("GET", "/api/runs/99/metrics")]
    [InlineData("GET", "/api/runs/99/artifacts")]
    [InlineData("GET", "/api/runs/99/artifacts/recipe.json")]
    [InlineData("GET", "/api/runs/abc")]
    [InlineData("GET", "/api/nothing")]
    public async Task AnyCall_ForWhatIsNotThere_IsAProblemInJson(string method, string path)
    {
        var response = await _client.SendAsync(new HttpRequestMessage(new HttpMethod(method), path));

        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
    }

    [Fact]
    public async Task Stop_OfAQueuedRun_EndsIt()
    {
        var queued = await JsonAsync(await PostAsync("/api/runs", """{"dataset": "cats and dogs"}"""));

        var stopped = await JsonAsync(await _client.PostAsync($"/api/runs/{queued.GetProperty("id")}/stop", null));

        Assert.Equal(("stopped", "Stopped before it started"),
            (stopped.GetProperty("state").GetString(), stopped.GetProperty("reason").GetString()));
    }

    [Fact]
    public async Task Stop_OfALiveRun_IsAskedFor()
    {
        var run = await new RunBuilder(_app) { State = RunState.Training, DoneEpochs = 1, Images = false, Predictions = false }
            .BuildAsync(_dataset);

        var answer = await JsonAsync(await _client.PostAsync($"/api/runs/{run.Id}/stop", null));

        Assert.Equal(("training", true), (answer.GetProperty("state").GetString(), answer.GetProperty("stopRequested").GetBoolean()));
    }

    [Fact]
    public async Task Clone_QueuesTheSameRecipeWithWhatTheBodyChanges()
    {
        var first = await JsonAsync(await PostAsync("/api/runs", """{"dataset": "cats and dogs", "epochs": 7, "seed": 5, "name": "first"}"""));
        var path = $"/api/runs/{first.GetProperty("id")}/clone";

        var same = await _client.PostAsync(path, null);
        var changed = await PostAsync(path, """{"seed": 6, "name": "second"}""");

        Assert.Equal((HttpStatusCode.Created, HttpStatusCode.Created), (same.StatusCode, changed.StatusCode));
        var recipe = (await JsonAsync(changed)).GetProperty("recipe").Deserialize<Recipe>(CoreJson.Options)!;
        Assert.Equal(("second", 7, 6), (recipe.Name, recipe.Epochs, recipe.Seed));
        Assert.Equal("Waiting: 2 runs before it", (await JsonAsync(changed)).GetProperty("reason").GetString());
    }

    [Fact]
    public async Task Delete_RemovesAnEndedRunWithItsFiles()
    {
        var run = await new RunBuilder(_app) { Images = false, Predictions = false }.BuildAsync(_dataset);

        var response = await _client.DeleteAsync($"/api/runs/{run.Id}");

        Assert.Equal(HttpStatusCode.NoContent, response.StatusCode);
        Assert.Null(await _app.Runs.GetAsync(run.Id));
        Assert.Empty(Directory.GetFileSystemEntries(_app.Get<IOptions<DashboardOptions>>().Value.RunsFolder));
    }

    [Fact]
    public async Task Delete_OfALiveRun_SaysToStopItFirst()
    {
        var run = await new RunBuilder(_app) { State = RunState.Training, Images = false, Predictions = false }.BuildAsync(_dataset);

        var response = await _client.DeleteAsync($"/api/runs/{run.Id}");

        Assert.Equal(HttpStatusCode.Conflict, response.StatusCode);
        Assert.Contains("Stop it first", (await JsonAsync(response)).GetProperty("detail").GetString(), StringComparison.Ordinal);
        Assert.True(Directory.Exists(Folder(run.Id).Path));
    }

    [Fact]
    public async Task Pause_OfAQueuedRun_HoldsItBackUntilResume()
    {
        var id = (await JsonAsync(await PostAsync("/api/runs", $$"""{"dataset": {{_dataset.Id}}}"""))).GetProperty("id").GetInt32();

        var paused = await JsonAsync(await PostAsync($"/api/runs/{id}/pause", ""));
        Assert.Null(await _app.Runs.TakeNextAsync("here", "hash"));
        var resumed = await JsonAsync(await PostAsync($"/api/runs/{id}/resume", ""));

        Assert.Equal("paused", paused.GetProperty("state").GetString());
        Assert.Equal("queued", resumed.GetProperty("state").GetString());
        Assert.Equal(id, (await _app.Runs.TakeNextAsync("here", "hash"))!.Id);
    }

    [Theory]
    [InlineData(RunState.Completed, "pause", "it is over")]
    [InlineData(RunState.Completed, "resume", "Clone it to train on")]
    [InlineData(RunState.Failed, "resume", "left no checkpoint")]
    public async Task PauseOrResume_OfARunThatCannot_SaysWhy(RunState state, string verb, string why)
    {
        var run = await new RunBuilder(_app) { State = state, Images = false, Predictions = false }.BuildAsync(_dataset);

        var response = await PostAsync($"/api/runs/{run.Id}/{verb}", "");

        Assert.Equal(HttpStatusCode.Conflict, response.StatusCode);
        Assert.Contains(why, (await JsonAsync(response)).GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Resume_OfAFailedRunWithACheckpoint_QueuesItAndItsDurationLeavesThePauseOut()
    {
        var run = await new RunBuilder(_app) { State = RunState.Failed, Images = false, Predictions = false }.BuildAsync(_dataset);
        await File.WriteAllTextAsync(Folder(run.Id).Checkpoint, "there");
        var before = (await _app.Runs.GetAsync(run.Id))!;

        var response = await JsonAsync(await PostAsync($"/api/runs/{run.Id}/resume", ""));
        var taken = (await _app.Runs.TakeNextAsync(before.Machine, "hash"))!;

        Assert.Equal("queued", response.GetProperty("state").GetString());
        Assert.Equal((before.Attempt + 1, RunState.Preparing), (taken.Attempt, taken.State));
        var worked = before.EndedAt - before.StartedAt;
        Assert.InRange((taken.LastEventAt - taken.StartedAt)!.Value, worked!.Value - TimeSpan.FromMilliseconds(1),
            worked.Value + TimeSpan.FromMilliseconds(1));
    }

    [Fact]
    public async Task PauseAndResume_OfAnUnknownRun_AreNotFound()
    {
        Assert.Equal(HttpStatusCode.NotFound, (await PostAsync("/api/runs/99/pause", "")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await PostAsync("/api/runs/99/resume", "")).StatusCode);
    }

    [Fact]
    public async Task OpenApi_DescribesEveryAddressWithASummary()
    {
        var document = await _client.GetFromJsonAsync<JsonElement>("/openapi/v1.json");

        var operations = document.GetProperty("paths").EnumerateObject()
            .Where(path => path.Name.StartsWith("/api/", StringComparison.Ordinal))
            .SelectMany(path => path.Value.EnumerateObject(), (path, operation) => (Name: $"{operation.Name} {path.Name}", operation.Value))
                .ToList();
        Assert.All(operations, operation => Assert.True(operation.Value.TryGetProperty("summary", out _), operation.Name));
        var names = operations.Select(operation => operation.Name).ToList();
        Assert.Superset(
            new HashSet<string>
            {
                "get /api/runs", "post /api/runs", "get /api/runs/{id}", "delete /api/runs/{id}", "post /api/runs/{id}/stop",
                "post /api/runs/{id}/clone", "post /api/runs/{id}/pause", "post /api/runs/{id}/resume", "get /api/runs/{id}/metrics",
                "get /api/runs/{id}/artifacts", "get /api/runs/{id}/artifacts/{name}",
            },
            names.ToHashSet());
        var recipe = document.GetProperty("components").GetProperty("schemas").GetProperty("Recipe").GetProperty("properties");
        Assert.True(recipe.TryGetProperty("learningRate", out _));
    }

    [Fact]
    public async Task OpenApi_DescribesARunAsTheOneFlatObjectThatItIs()
    {
        await PostAsync("/api/runs", $$"""{"dataset": {{_dataset.Id}}}""");
        var run = await _client.GetFromJsonAsync<JsonElement>("/api/runs/1");
        var document = await _client.GetFromJsonAsync<JsonElement>("/openapi/v1.json");

        var schema = document.GetProperty("components").GetProperty("schemas").GetProperty("RunView");
        Assert.Equal(run.EnumerateObject().Select(property => property.Name),
            schema.GetProperty("properties").EnumerateObject().Select(property => property.Name));
        Assert.Contains("bestValAccuracy", schema.GetProperty("required").EnumerateArray().Select(name => name.GetString()));
    }

    private RunFolder Folder(int runId) => _app.Get<IOptions<DashboardOptions>>().Value.RunFolder(runId);

    private Task<HttpResponseMessage> PostAsync(string path, string json) =>
        _client.PostAsync(path, new StringContent(json, Encoding.UTF8, "application/json"));

    private static async Task<JsonElement> JsonAsync(HttpResponseMessage response)
    {
        var text = await response.Content.ReadAsStringAsync();
        Assert.True(text.StartsWith('{'), $"{response.StatusCode}: {text}");
        return JsonDocument.Parse(text).RootElement;
    }
}

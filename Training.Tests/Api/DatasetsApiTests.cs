using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Dashboard.Storage;
using Training.Tests.Datasets;
using Training.Tests.Datasets.Imports;

namespace Training.Tests.Api;

public sealed class DatasetsApiTests : IAsyncLifetime
{
    private DatasetBench _bench = null!;
    private HttpClient _client = null!;

    [Fact]
    public async Task Post_AFolder_AnswersWhereItIsAndGetShowsIt()
    {
        var root = _bench.Photos("photos", ("train/고양이 <script>\"'", 2), ("train/dogs", 2), ("test/dogs", 1));

        var answer = await _client.PostAsJsonAsync("/api/datasets", new { name = "photos", path = root });

        Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
        await _bench.ScannedAsync((await JsonAsync(answer)).GetProperty("id").GetInt32());
        var dataset = await _client.GetFromJsonAsync<JsonElement>(answer.Headers.Location);
        Assert.Equal(("ready", "folder", 5), (Text(dataset, "state"), Text(dataset, "origin"), dataset.GetProperty("samples").GetInt32()));
        var cats = dataset.GetProperty("classes").EnumerateArray().Single(one => Text(one, "name") == "고양이 <script>\"'");
        Assert.Equal((2, 0), (cats.GetProperty("train").GetInt32(), cats.GetProperty("test").GetInt32()));
        Assert.Contains("test split", Text(dataset, "validation"), StringComparison.Ordinal);
        Assert.NotEqual(0, dataset.GetProperty("problems").GetArrayLength());
    }

    [Theory]
    [InlineData("{\"name\": \"\", \"path\": \"/tmp\"}", "path")]
    [InlineData("{\"path\": \"relative\"}", "path")]
    [InlineData("{\"name\": \"x\"}", "path")]
    [InlineData("{\"name\": 5}", "body")]
    [InlineData("not json", "body")]
    [InlineData("null", "path")]
    public async Task Post_BadJson_NamesTheField(string body, string field)
    {
        using var content = new StringContent(body, new MediaTypeHeaderValue("application/json"));

        await AssertProblemAsync(await _client.PostAsync("/api/datasets", content), field);
    }

    [Fact]
    public async Task Post_SomethingElse_SaysWhatIsTaken()
    {
        using var content = new StringContent("x");

        var answer = await _client.PostAsync("/api/datasets", content);

        Assert.Equal(HttpStatusCode.UnsupportedMediaType, answer.StatusCode);
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
    }

    [Fact]
    public async Task Post_AZip_UnpacksAndScansIt()
    {
        var answer = await UploadAsync(TestZip.OfImages("set/train/개/1.jpg", "set/train/고양이/1.jpg", "set/val/개/1.jpg"), "세트");

        Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
        var row = await _bench.ScannedAsync((await JsonAsync(answer)).GetProperty("id").GetInt32());
        Assert.Equal((DatasetState.Ready, "세트", DatasetOrigin.Upload), (row.State, row.Name, row.Origin));
        Assert.Equal(["개", "고양이"], row.Classes);
        Assert.Equal([row.Root], FilesOfDatasets());
    }

    [Fact]
    public async Task Post_AZipWithAThousandNestedImages_IsWhole()
    {
        var answer = await UploadAsync(
            TestZip.OfImages(Enumerable.Range(0, 1000).Select(i => $"{(i % 2 == 0 ? "cats/cat" : "dogs/dog")}-{i / 100}/{i}.jpg")), "many");

        var row = await _bench.ScannedAsync((await JsonAsync(answer)).GetProperty("id").GetInt32());
        Assert.Equal(1000, await _bench.Store.CountAsync(row.Id));
    }

    [Fact]
    public async Task Post_ABadZip_NamesTheFileAndLeavesNothing()
    {
        await AssertProblemAsync(await UploadAsync(TestZip.OfImages("../evil.jpg"), "bad"), "file");

        Assert.Empty(FilesOfDatasets());
        Assert.Empty(await _bench.Store.ListAsync());
    }

    [Fact]
    public async Task Post_AZipUnderATakenName_IsRefusedWithoutItsFile()
    {
        await _bench.ReadyAsync("photos", ("a", 1), ("b", 1));

        await AssertProblemAsync(await UploadAsync(TestZip.OfImages("a/1.jpg", "b/1.jpg"), "photos"), "name");

        Assert.Empty(FilesOfDatasets());
    }

    [Fact]
    public async Task Post_AFormWithoutAFile_NamesTheFile()
    {
        using var form = new MultipartFormDataContent { { new StringContent("x"), "name" } };

        await AssertProblemAsync(await _client.PostAsync("/api/datasets", form), "file");
    }

    [Fact]
    public async Task Post_MoreThanMayBeUploaded_IsRefusedAndLeavesNothing()
    {
        await using var small = new DatasetBench(settings: new Dictionary<string, string> { ["Dashboard:MaxUploadBytes"] = "1048576" });
        var bytes = new byte[3 << 20];
        new Random(1).NextBytes(bytes);

        var answer = await UploadAsync(TestZip.Of(("a/1.bmp", bytes)), "large", small.App.CreateClient());

        await AssertProblemAsync(answer, "file");
        Assert.Empty(FilesOfDatasets(small));
    }

    [Fact]
    public async Task Post_FromAnotherWebSite_IsForbidden()
    {
        _client.DefaultRequestHeaders.Add("Sec-Fetch-Site", "cross-site");

        Assert.Equal(HttpStatusCode.Forbidden, (await UploadAsync(TestZip.OfImages("a/1.jpg", "b/1.jpg"), "x")).StatusCode);
    }

    [Fact]
    public async Task Samples_InPages_AreThoseOfTheFilter()
    {
        var row = await _bench.ReadyAsync("photos", ("train/cats", 3), ("train/dogs", 3), ("val/dogs", 1));

        var page = await _client.GetFromJsonAsync<JsonElement>($"/api/datasets/{row.Id}/samples?label=1&split=train&page=2&pageSize=2");

        Assert.Equal((3, 2), (page.GetProperty("total").GetInt32(), page.GetProperty("page").GetInt32()));
        var only = Assert.Single(page.GetProperty("items").EnumerateArray());
        Assert.Equal("train/dogs/002.jpg", Text(only, "path"));
        Assert.Equal(HttpStatusCode.OK, (await _client.GetAsync(Text(only, "thumbnail"))).StatusCode);
    }

    [Theory]
    [InlineData("label=2", "label")]
    [InlineData("label=x", "label")]
    [InlineData("split=nothing", "split")]
    [InlineData("split=1", "split")]
    [InlineData("page=0", "page")]
    [InlineData("pageSize=100000", "pageSize")]
    public async Task Samples_WithABadFilter_NamesTheField(string query, string field)
    {
        var row = await _bench.ReadyAsync("photos", ("cats", 1), ("dogs", 1));

        await AssertProblemAsync(await _client.GetAsync($"/api/datasets/{row.Id}/samples?{query}"), field);
    }

    [Fact]
    public async Task Delete_ThenGet_IsNotFound()
    {
        var row = await _bench.ReadyAsync("photos", ("cats", 1), ("dogs", 1));

        Assert.Equal(HttpStatusCode.NoContent, (await _client.DeleteAsync($"/api/datasets/{row.Id}")).StatusCode);

        var answer = await _client.GetAsync($"/api/datasets/{row.Id}");
        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
        Assert.Equal(HttpStatusCode.NotFound, (await _client.DeleteAsync($"/api/datasets/{row.Id}")).StatusCode);
    }

    [Fact]
    public async Task Delete_WhileARunWaitsForIt_IsAConflictThatNamesTheRun()
    {
        var row = await _bench.ReadyAsync("photos", ("cats", 1), ("dogs", 1));
        await using (var db = _bench.App.Database())
        {
            db.Runs.Add(new RunRow { Name = "waits", DatasetId = row.Id, DatasetName = row.Name, RecipeJson = "{}" });
            await db.SaveChangesAsync();
        }

        var answer = await _client.DeleteAsync($"/api/datasets/{row.Id}");

        Assert.Equal(HttpStatusCode.Conflict, answer.StatusCode);
        Assert.Contains("“waits”", Text(await JsonAsync(answer), "detail"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Delete_WithFilesWhileARunRests_IsAConflictAlsoByForce()
    {
        var row = await _bench.ReadyAsync("photos", ("cats", 1), ("dogs", 1));
        await using (var db = _bench.App.Database())
        {
            db.Runs.Add(new RunRow { Name = "rests", DatasetId = row.Id, DatasetName = row.Name, RecipeJson = "{}",
                State = Dashboard.Storage.RunState.Paused });
            await db.SaveChangesAsync();
        }

        foreach (var query in (string[])["withFiles=true", "withFiles=true&force=true", ""])
        {
            var answer = await _client.DeleteAsync($"/api/datasets/{row.Id}?{query}");

            Assert.Equal(HttpStatusCode.Conflict, answer.StatusCode);
            Assert.Contains("The run “rests” is paused", Text(await JsonAsync(answer), "detail"), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Rescan_IsAcceptedAndPicksUpWhatIsNew()
    {
        var row = await _bench.ReadyAsync("photos", ("cats", 1), ("dogs", 1));
        _bench.Photos("photos", ("dogs", 3));

        Assert.Equal(HttpStatusCode.Accepted, (await _client.PostAsync($"/api/datasets/{row.Id}/rescan", null)).StatusCode);

        await _bench.ScannedAsync(row.Id);
        Assert.Equal(4, await _bench.Store.CountAsync(row.Id));
    }

    public async Task InitializeAsync()
    {
        _bench = await DatasetBench.StartAsync();
        _client = _bench.App.CreateClient();
    }

    public async Task DisposeAsync()
    {
        _client.Dispose();
        await _bench.DisposeAsync();
    }

    private IEnumerable<string> FilesOfDatasets(DatasetBench? bench = null)
    {
        var folder = Path.Combine((bench ?? _bench).App.DataRoot, "datasets");
        // What was said of how an upload's names were read lies beside its folder.
        return Directory.Exists(folder)
            ? Directory.EnumerateFileSystemEntries(folder).Where(path => !path.EndsWith(".upload.json", StringComparison.Ordinal)) : [];
    }

    private async Task<HttpResponseMessage> UploadAsync(byte[] zip, string name, HttpClient? client = null)
    {
        using var form = new MultipartFormDataContent { { new StringContent(name), "name" },
            { new ByteArrayContent(zip), "file", "upload.zip" } };
        return await (client ?? _client).PostAsync("/api/datasets", form);
    }

    private static async Task AssertProblemAsync(HttpResponseMessage answer, string field)
    {
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
        var error = Assert.Single((await JsonAsync(answer)).GetProperty("errors").EnumerateObject());
        Assert.Equal(field, error.Name);
        Assert.NotEqual("", error.Value[0].GetString());
    }

    private static Task<JsonElement> JsonAsync(HttpResponseMessage answer) => answer.Content.ReadFromJsonAsync<JsonElement>();

    private static string Text(JsonElement element, string name) => element.GetProperty(name).GetString() ?? "";
}

using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Dashboard.Storage;
using Microsoft.Extensions.Options;
using Training.Core.Runs;
using Training.Tests.TestKit;

namespace Training.Tests.Api;

public sealed class ArtifactsApiTests : IAsyncLifetime
{
    private readonly DashboardApp _app = DashboardApp.Listening();
    private HttpClient _client = null!;
    private RunRow _run = null!;

    private RunFolder Folder => _app.Get<IOptions<DashboardOptions>>().Value.RunFolder(_run.Id);

    [Fact]
    public async Task List_OfARun_NamesEachFileWithItsSizeAndAddress()
    {
        await File.WriteAllTextAsync(Path.Combine(Folder.Path, "best_model.pth.part"), "half");
        File.CreateSymbolicLink(Path.Combine(Folder.Path, "link.txt"), "/etc/passwd");

        var files = await ListAsync();

        Assert.Equal(
            ["recipe.json", "samples.json", "predictions/epoch-0001.parquet", "predictions/epoch-0002.parquet",
                "predictions/epoch-0003.parquet", "predictions/epoch-0004.parquet"],
            files.Select(file => Text(file, "name")));
        Assert.All(files, file =>
            Assert.Equal(new FileInfo(Path.Combine(Folder.Path, Text(file, "name"))).Length, file.GetProperty("bytes").GetInt64()));
        Assert.All(files, file => Assert.NotEqual("", Text(file, "about")));
    }

    [Fact]
    public async Task Get_OfEachListedFile_DownloadsItsBytes()
    {
        await File.WriteAllTextAsync(Path.Combine(Folder.Path, "메모 50% #1?.txt"), "한글");
        var files = await ListAsync();
        Assert.Equal(7, files.Count);

        foreach (var file in files)
        {
            var answer = await _client.GetAsync(Text(file, "url"));

            Assert.Equal(await File.ReadAllBytesAsync(Path.Combine(Folder.Path, Text(file, "name"))),
                await answer.Content.ReadAsByteArrayAsync());
            Assert.Equal(Text(file, "contentType"), answer.Content.Headers.ContentType!.ToString());
            Assert.Equal("attachment", answer.Content.Headers.ContentDisposition!.DispositionType);
        }
    }

    [Fact]
    public async Task Get_FromAByteOn_GoesOnWithABrokenDownload()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, Address("recipe.json"));
        request.Headers.Range = new RangeHeaderValue(10, null);

        var answer = await _client.SendAsync(request);

        Assert.Equal(HttpStatusCode.PartialContent, answer.StatusCode);
        Assert.Equal((await File.ReadAllBytesAsync(Folder.Recipe))[10..], await answer.Content.ReadAsByteArrayAsync());
    }

    [Theory]
    [InlineData("../../dashboard.db")]
    [InlineData("..%2F..%2Fdashboard.db")]
    [InlineData("%2e%2e/%2e%2e/dashboard.db")]
    [InlineData("%2e%2e%2f%2e%2e%2fdashboard.db")]
    [InlineData("predictions/../../../dashboard.db")]
    [InlineData("predictions%2F..%2F..%2F..%2Fdashboard.db")]
    [InlineData("..%5C..%5Cdashboard.db")]
    [InlineData("%2Fetc%2Fpasswd")]
    [InlineData("/etc/passwd")]
    [InlineData("predictions")]
    [InlineData("predictions/")]
    [InlineData("recipe.json%00")]
    [InlineData("link.txt")]
    [InlineData("nothing.txt")]
    public async Task Get_OfWhatIsNotListed_IsNotFoundAndGivesNothingAway(string name)
    {
        File.CreateSymbolicLink(Path.Combine(Folder.Path, "link.txt"), "/etc/passwd");
        using var request = new HttpRequestMessage(HttpMethod.Get, Address(name));

        var answer = await _client.SendAsync(request);

        var body = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.StatusCode is HttpStatusCode.NotFound or HttpStatusCode.BadRequest, $"{answer.StatusCode}: {body}");
        Assert.DoesNotContain("SQLite", body, StringComparison.Ordinal);
        Assert.DoesNotContain("root:", body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Get_OfAnUnknownName_SaysWhereTheListIs()
    {
        var answer = await _client.GetAsync(Address("nothing.txt"));

        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
        var detail = Text(await answer.Content.ReadFromJsonAsync<JsonElement>(), "detail");
        Assert.Equal($"Run {_run.Id} has no file “nothing.txt”. GET /api/runs/{_run.Id}/artifacts lists those that are there.", detail);
    }

    public async Task InitializeAsync()
    {
        _client = _app.CreateClient();
        _run = await new RunBuilder(_app) { Images = false }.BuildAsync();
    }

    public async Task DisposeAsync()
    {
        _client.Dispose();
        await _app.DisposeAsync();
    }

    /// <summary>Sent as it is written here: by itself the client would take ".." out.</summary>
    private Uri Address(string name) => new(
        new Uri(_app.Url, $"/api/runs/{_run.Id}/artifacts/").ToString()
        + name, new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true });

    private async Task<List<JsonElement>> ListAsync() =>
        [.. (await _client.GetFromJsonAsync<JsonElement>($"/api/runs/{_run.Id}/artifacts")).EnumerateArray()];

    private static string Text(JsonElement element, string name) => element.GetProperty(name).GetString()!;
}

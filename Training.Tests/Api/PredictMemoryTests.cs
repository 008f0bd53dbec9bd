using System.Globalization;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Dashboard.Storage;
using Training.Tests.Images;
using Training.Tests.Inference;
using Training.Tests.TestKit;
using Training.Tests.TestProcesses;

namespace Training.Tests.Api;

/// <summary>Pictures of a few kB and 196 million pixels each, sent at once to a dashboard in a process of its own.</summary>
[Collection(GlobalTorchState.Name)]
public sealed class PredictMemoryTests(ExportedModel model) : IClassFixture<ExportedModel>, IDisposable
{
    private const int AtOnce = 4;
    private const long OnePicture = 14_000L * 14_000 * 4;

    private readonly TemporaryFolder _root = new();

    public void Dispose() => _root.Dispose();

    [Fact]
    public async Task Post_HugePicturesAtOnce_TakesTheMemoryOfOneAndGivesItBack()
    {
        await using var dashboard = await DashboardProcess.StartAsync(_root.Path, "--Dashboard:TrainHere", "false");
        var run = await AddRunAsync(dashboard);
        using var client = new HttpClient { BaseAddress = dashboard.Url, Timeout = TimeSpan.FromMinutes(5) };
        var file = HugePictures.Png(14_000);
        Assert.InRange(file.Length, 1, 300_000);
        var small = await PostAsync(client, run, await File.ReadAllBytesAsync(Path.Combine(model.Photos.Root, "000.png")));
        var before = dashboard.MemoryBytes("VmRSS");

        var answers = Enumerable.Range(0, AtOnce).Select(_ => PostAsync(client, run, file)).ToList();
        Assert.Contains("healthy", await client.GetStringAsync("/health"), StringComparison.Ordinal);

        Assert.All(await Task.WhenAll(answers), answer => Assert.Equal(small.GetArrayLength(), answer.GetArrayLength()));
        // One of them, and something for the rest of the program.
        Assert.InRange(dashboard.MemoryBytes("VmHWM") - before, OnePicture / 2, OnePicture + (400 << 20));
        Assert.InRange(dashboard.MemoryBytes("VmRSS") - before, long.MinValue, 300 << 20);
    }

    private static async Task<JsonElement> PostAsync(HttpClient client, int run, byte[] file)
    {
        using var body = new ByteArrayContent(file) { Headers = { ContentType = new MediaTypeHeaderValue("image/png") } };
        using var answer = await client.PostAsync(
            new Uri(string.Create(CultureInfo.InvariantCulture, $"/api/runs/{run}/predict"), UriKind.Relative), body);
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
        return (await answer.Content.ReadFromJsonAsync<JsonElement>())[0].GetProperty("top").Clone();
    }

    private async Task<int> AddRunAsync(DashboardProcess dashboard)
    {
        await using var db = dashboard.Database();
        var run = new RunRow { Name = "one", DatasetName = "tiny", RecipeJson = "{}", State = RunState.Completed };
        db.Runs.Add(run);
        await db.SaveChangesAsync();
        var onnx = new DashboardOptions { DataRoot = _root.Path }.RunFolder(run.Id).Onnx;
        Directory.CreateDirectory(Path.GetDirectoryName(onnx)!);
        File.Copy(model.Folder.Onnx, onnx);
        return run.Id;
    }
}

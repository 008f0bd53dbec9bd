using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Bunit;
using Dashboard.Pages.TryIt;
using Dashboard.Runs.TryIt;
using Dashboard.Storage;
using Microsoft.AspNetCore.Components.Forms;
using Microsoft.Extensions.Options;
using Training.Tests.Inference;
using Training.Tests.TestKit;

namespace Training.Tests.Pages.TryIt;

[Collection(GlobalTorchState.Name)]
public sealed class TryItTests(ExportedModel model) : ComponentTests, IClassFixture<ExportedModel>
{
    [Fact]
    public async Task Page_RunWithoutModel_SaysWhenThereWillBeOneOrHowToGetIt()
    {
        var live = await new RunBuilder(App) { Images = false, State = RunState.Training, DoneEpochs = 1 }.BuildAsync();

        Assert.Contains("written when the run completes", Render<TryItView>(p => p.Add(view => view.Run, live)).Markup,
            StringComparison.Ordinal);
        live.State = RunState.Failed;
        Assert.Contains("./run.sh export --model", Render<TryItView>(p => p.Add(view => view.Run, live)).Markup, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Page_PhotosDropped_ShowsWhatTheModelSaysAndWhyOneCannotBeRead()
    {
        var run = await WithModelAsync();
        var page = Render<TryItView>(p => p.Add(view => view.Run, run));

        page.FindComponents<InputFile>()[0].UploadFiles(
            InputFileContent.CreateFromBinary(Photo(), "one.png", contentType: "image/png"),
            InputFileContent.CreateFromText("no image", "notes.jpg"));

        page.WaitForAssertion(() => Assert.Equal(2, page.FindAll("figure").Count), TimeSpan.FromSeconds(20));
        var (good, bad) = (page.FindAll("figure")[0], page.FindAll("figure")[1]);
        Assert.Equal(2, good.QuerySelectorAll(".answer").Length);
        Assert.StartsWith("data:image/jpeg;base64,", good.QuerySelector("img")!.GetAttribute("src"), StringComparison.Ordinal);
        Assert.StartsWith("data:image/png;base64,", good.QuerySelector(".map")!.GetAttribute("src"), StringComparison.Ordinal);
        Assert.StartsWith("notes.jpg", bad.TextContent.Trim(), StringComparison.Ordinal);
        Assert.Contains("Is a text file, not a JPEG, PNG, BMP or WebP image. Save it as JPEG or PNG",
            bad.TextContent.Replace(".Save", ". Save", StringComparison.Ordinal), StringComparison.Ordinal);

        await page.Find("input[type=checkbox]").ChangeAsync(new() { Value = false });
        Assert.Empty(page.FindAll("figure .map"));
        await page.Find(".tools button").ClickAsync();
        Assert.Empty(page.FindAll("figure"));
    }

    [Fact]
    public async Task Post_ImageAsBodyAndSeveralAsForm_AnswersEach()
    {
        await using var app = DashboardApp.Listening();
        var run = await new RunBuilder(app) { Images = false, State = RunState.Completed, DoneEpochs = 1 }.BuildAsync();
        using var client = new HttpClient { BaseAddress = app.Url };

        var early = await client.PostAsync($"/api/runs/{run.Id}/predict", Body());
        PutModel(app, run);
        var single = await client.PostAsync($"/api/runs/{run.Id}/predict?top=1", Body());
        using var form = new MultipartFormDataContent { { new ByteArrayContent(Photo()), "a", "one.png" },
            { new StringContent("text"), "b", "notes.jpg" } };
        var several = await client.PostAsync($"/api/runs/{run.Id}/predict", form);
        using var empty = new MultipartFormDataContent { { new StringContent("x"), "field" } };

        var text = await client.PostAsync($"/api/runs/{run.Id}/predict",
            new StringContent("no image", System.Text.Encoding.UTF8, "image/png"));

        Assert.Equal(HttpStatusCode.Conflict, early.StatusCode);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, text.StatusCode);
        Assert.Contains("is a text file", await text.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        var answer = (await single.Content.ReadFromJsonAsync<JsonElement>())[0];
        Assert.Equal(1, answer.GetProperty("top").GetArrayLength());
        Assert.InRange(answer.GetProperty("top")[0].GetProperty("probability").GetDouble(), 0.5, 1);
        var answers = await several.Content.ReadFromJsonAsync<JsonElement>();
        Assert.Equal("one.png", answers[0].GetProperty("file").GetString());
        Assert.Equal(2, answers[0].GetProperty("top").GetArrayLength());
        Assert.Contains("text file", answers[1].GetProperty("error").GetString(), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.BadRequest, (await client.PostAsync($"/api/runs/{run.Id}/predict", empty)).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await client.PostAsync("/api/runs/999/predict", Body())).StatusCode);
        Assert.Empty(Directory.GetFiles(app.Get<IOptions<DashboardOptions>>().Value.CacheFolder, "tried-*"));
    }

    [Fact]
    public async Task Use_ManyAtOnceOverMoreModelsThanPlaces_AnswersAll()
    {
        using var shelf = new ModelShelf();
        using var folder = new TemporaryFolder();
        var paths = Enumerable.Range(0, 3).Select(index => folder.In($"{index}.onnx")).ToList();
        foreach (var path in paths) File.Copy(model.Folder.Onnx, path);
        var square = new byte[ExportedModel.Side * ExportedModel.Side * 3];

        var answers = await Task.WhenAll(Enumerable.Range(0, 12).Select(index =>
            shelf.UseAsync(paths[index % 3], onnx => Task.Run(() => onnx.Run(square, 1).Logits[0]), CancellationToken.None)));

        Assert.Single(answers.Distinct());
        await Assert.ThrowsAsync<FileNotFoundException>(() =>
            shelf.UseAsync(folder.In("none.onnx"), onnx => Task.FromResult(onnx.ImageSize), CancellationToken.None));
    }

    private async Task<RunRow> WithModelAsync()
    {
        var run = await new RunBuilder(App) { Images = false, State = RunState.Completed, DoneEpochs = 1 }.BuildAsync();
        PutModel(App, run);
        return run;
    }

    private void PutModel(DashboardApp app, RunRow run) =>
        File.Copy(model.Folder.Onnx, app.Get<IOptions<DashboardOptions>>().Value.RunFolder(run.Id).Onnx);

    private byte[] Photo() => File.ReadAllBytes(Path.Combine(model.Photos.Root, "000.png"));

    private ByteArrayContent Body() => new(Photo()) { Headers = { ContentType = new MediaTypeHeaderValue("image/png") } };
}

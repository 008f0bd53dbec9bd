using System.Globalization;
using System.IO.Compression;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Bunit;
using Dashboard.Pages.Artifacts;
using Dashboard.Storage;
using Microsoft.Extensions.Options;
using Training.Core.Export;
using Training.Core.Runs;
using Training.Tests.Inference;
using Training.Tests.TestKit;

namespace Training.Tests.Runs.Artifacts;

/// <summary>The zip that a model leaves the house in; its programs have tests of their own.</summary>
[Collection(GlobalTorchState.Name)]
public sealed class ModelZipTests(ExportedModel model) : ComponentTests, IClassFixture<ExportedModel>
{
    [Fact]
    public async Task Get_OfARun_StreamsItsModelWithCardAndPrograms()
    {
        await using var app = DashboardApp.Listening();
        var run = await new RunBuilder(app) { Images = false, Name = "pets | three" }.BuildAsync();
        using var client = new HttpClient { BaseAddress = app.Url };
        var address = new Uri($"/api/runs/{run.Id}/artifacts/model.zip", UriKind.Relative);

        var early = await client.GetAsync(address);
        PutModel(app, run);
        var answer = await client.GetAsync(address, HttpCompletionOption.ResponseHeadersRead);

        Assert.Equal(HttpStatusCode.Conflict, early.StatusCode);
        Assert.Contains("no model.onnx yet", (await early.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("detail").GetString(),
            StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal("application/zip", answer.Content.Headers.ContentType!.MediaType);
        Assert.Equal($"run-{run.Id}-model.zip", answer.Content.Headers.ContentDisposition!.FileName);
        Assert.Null(answer.Content.Headers.ContentLength);
        using var zip = new ZipArchive(new MemoryStream(await answer.Content.ReadAsByteArrayAsync()));
        Assert.Equal(
            ["MODEL_CARD.md", "best_model.pth", "classes.json", "export.json", "model.onnx", "model.safetensors", "predict.cs",
                "predict.py"],
            zip.Entries.Select(entry => entry.FullName).Order(StringComparer.Ordinal));
        Assert.Equal(await File.ReadAllBytesAsync(model.Folder.Onnx), Bytes(zip, "model.onnx"));
        Assert.Equal(await File.ReadAllBytesAsync(model.Folder.BestModel), Bytes(zip, "best_model.pth"));
        AssertCard(System.Text.Encoding.UTF8.GetString(Bytes(zip, "MODEL_CARD.md")), app, run);
    }

    [Fact]
    public async Task Get_OfADamagedClassesFile_SaysWhichFile()
    {
        await using var app = DashboardApp.Listening();
        var run = await new RunBuilder(app) { Images = false }.BuildAsync();
        using var client = new HttpClient { BaseAddress = app.Url };
        PutModel(app, run);
        await File.WriteAllTextAsync(Folder(app, run).Classes, "{");

        var answer = await client.GetAsync(new Uri($"/api/runs/{run.Id}/artifacts/model.zip", UriKind.Relative));

        Assert.Equal(HttpStatusCode.InternalServerError, answer.StatusCode);
        Assert.Contains("classes.json", (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("detail").GetString(),
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task Page_RunWithModel_OffersTheZipWithTheComparison()
    {
        var run = await new RunBuilder(App) { Images = false }.BuildAsync();
        Assert.DoesNotContain("model.zip", Render<ArtifactsView>(p => p.Add(view => view.Run, run)).Markup, StringComparison.Ordinal);
        PutModel(App, run);

        var page = Render<ArtifactsView>(p => p.Add(view => view.Run, run));

        Assert.Equal($"/api/runs/{run.Id}/artifacts/model.zip", page.Find("a[href$='model.zip']").GetAttribute("href"));
        Assert.Contains($"on {model.Check.Images} validation images: {model.Check.Agreeing} got the same class", page.Markup,
            StringComparison.Ordinal);
    }

    private static RunFolder Folder(DashboardApp app, RunRow run) => app.Get<IOptions<DashboardOptions>>().Value.RunFolder(run.Id);

    private void PutModel(DashboardApp app, RunRow run)
    {
        var (from, to) = (model.Folder, Folder(app, run));
        foreach (var path in new[] { from.Onnx, from.BestModel, from.Safetensors, from.ExportCheck })
            File.Copy(path, Path.Combine(to.Path, Path.GetFileName(path)));
        (ModelDescription.Load(from.Classes) with { Classes = run.Classes, BestEpoch = 4, ValAccuracy = 0.875 }).Save(to.Classes);
    }

    private static void AssertCard(string card, DashboardApp app, RunRow run)
    {
        Assert.StartsWith("# pets | three\n", card, StringComparison.Ordinal);
        Assert.Matches(@"87\.50 % of the 24 validation images \(95 % interval [0-9.]+–[0-9.]+ %\), at epoch 4", card);
        // Of the builder's samples: 48 and 24, evenly over three classes.
        Assert.Contains("| rabbit | 16 | 8 |", card, StringComparison.Ordinal);
        Assert.Matches(@"\| cat \| [01]\.\d{3} \| [01]\.\d{3} \| [0-9.]+–[0-9.]+ % \| [01]\.\d{3} \| 8 \|", card);
        Assert.Contains(
            $"trained {File.GetLastWriteTimeUtc(Folder(app, run).BestModel).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)}", card,
            StringComparison.Ordinal);
        Assert.Contains("0.485, 0.456, 0.406", card, StringComparison.Ordinal);
        Assert.Contains("\"mode\": \"transfer\"", card, StringComparison.Ordinal);
    }

    private static byte[] Bytes(ZipArchive zip, string name)
    {
        using var memory = new MemoryStream();
        using var entry = zip.GetEntry(name)!.Open();
        entry.CopyTo(memory);
        return memory.ToArray();
    }
}

using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Bunit;
using Dashboard.Datasets;
using Dashboard.Pages.Datasets;
using Dashboard.Storage;
using Dashboard.Terminal;
using Dashboard.Terminal.Output;
using Training.Core.Data;
using Training.Tests.Pages.Datasets;

namespace Training.Tests.Datasets;

/// <summary>A folder that can be read in several ways: page, API and terminal ask, and the answer stays.</summary>
public sealed class DatasetLayoutTests : IAsyncLifetime
{
    private DatasetBench _bench = null!;
    private HttpClient _client = null!;

    [Fact]
    public async Task Page_OfAFolderThatCanBeReadInSeveralWays_ShowsThemAndTakesTheAnswer()
    {
        var row = await AddAsync();
        Assert.Equal(DatasetState.Failed, row.State);
        Assert.Contains("“classes” gives 2 classes (color, grey): 8 train; “merged” gives 2 classes (cat, dog): 8 train", row.Message,
            StringComparison.Ordinal);

        var page = _bench.Pages().Open<DatasetPage>($"/datasets/{row.Id}", p => p.Add(x => x.Id, row.Id));
        Assert.Equal("Asks how to read it", page.Find(".chip").TextContent);
        var ways = page.FindAll(".ds-reading");
        Assert.Equal(["classes", "merged", "val=grey", "in=color"], ways.Select(way => way.QuerySelector("code")!.TextContent));
        Assert.Equal(["cat", "4", "–", "–"],
            ways[1].QuerySelectorAll("tbody tr")[0].QuerySelectorAll("td").Select(cell => cell.TextContent));
        var card = _bench.Pages().Open<DatasetsPage>("/datasets").Find(".ds-card");
        Assert.Equal($"/datasets/{row.Id}", card.QuerySelectorAll("a")[^1].GetAttribute("href"));
        Assert.Equal(DatasetStore.QuestionOf(_bench.Store.Outline(row))!.Message, card.QuerySelector("p")!.TextContent);
        await page.InvokeAsync(() => page.FindAll(".ds-reading button")[2].ClickAsync(new()));

        var read = await _bench.ScannedAsync(row.Id);
        Assert.Equal((DatasetState.Ready, "val=grey"), (read.State, DatasetStore.LayoutOf(read)));
        Assert.Equal(["cat", "dog"], read.Classes);
        Assert.Equal(4, await _bench.Store.CountAsync(row.Id, split: Split.Val));
        Assert.Equal(4, await _bench.Store.CountAsync(row.Id, split: Split.Train));
    }

    [Fact]
    public async Task Page_ForAViewer_ShowsTheWaysWithoutButtons()
    {
        var row = await AddAsync();
        await using var pages = new DatasetPages(_bench, AccountRole.Viewer);

        var page = pages.Open<DatasetPage>($"/datasets/{row.Id}", p => p.Add(x => x.Id, row.Id));

        Assert.Equal(4, page.FindAll(".ds-reading").Count);
        Assert.Empty(page.FindAll(".ds-reading button"));
    }

    [Fact]
    public async Task Rescan_KeepsTheAnswerUntilItIsTakenBack()
    {
        var row = await AddAsync();

        await RescanAsync(row.Id, "merged");
        await RescanAsync(row.Id, null);

        var kept = await _client.GetFromJsonAsync<JsonElement>($"/api/datasets/{row.Id}");
        Assert.Equal(("ready", "merged", 8),
            (kept.GetProperty("state").GetString(), kept.GetProperty("layout").GetString(), kept.GetProperty("samples").GetInt32()));
        Assert.Empty(kept.GetProperty("problems").EnumerateArray());

        await RescanAsync(row.Id, "auto");

        var asks = await _client.GetFromJsonAsync<JsonElement>($"/api/datasets/{row.Id}");
        Assert.Equal("failed", asks.GetProperty("state").GetString());
        Assert.Equal(["classes", "merged", "val=grey", "in=color"],
            asks.GetProperty("problems")[0].GetProperty("readings").EnumerateArray()
                .Select(reading => reading.GetProperty("layout").GetString()));
        // Ended runs refer to them.
        Assert.Equal(8, await _bench.Store.CountAsync(row.Id));
    }

    [Fact]
    public async Task Post_WithALayout_AsksNothing()
    {
        var answer = await _client.PostAsJsonAsync("/api/datasets", new { name = "photos", path = Folder(), layout = "merged" });

        var id = (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("id").GetInt32();
        Assert.Equal(["cat", "dog"], (await _bench.ScannedAsync(id)).Classes);
    }

    [Fact]
    public async Task Post_WithALayoutThatIsNone_NamesTheFieldAndWhatCanBeSaid()
    {
        var row = await AddAsync();

        foreach (var answer in new[]
        {
            await _client.PostAsJsonAsync("/api/datasets", new { name = "other", path = Folder(), layout = "sideways" }),
            await _client.PostAsJsonAsync($"/api/datasets/{row.Id}/rescan", new { layout = "sideways" }),
        })
        {
            Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
            var errors = (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("errors");
            Assert.Contains("classFirst", errors.GetProperty("layout")[0].GetString(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Run_OfAFolderThatAsks_IsRefusedWithTheQuestion()
    {
        var row = await AddAsync();

        var error = await Assert.ThrowsAsync<DatasetException>(() => _bench.Store.ManifestAsync(row.Id, 0.2, 1));

        Assert.Contains("“merged” gives", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Terminal_AsksWithTheOptionForEachWayAndEndsWithTwo()
    {
        var root = Folder();

        var error = Assert.Throws<InvalidInputException>(() => TerminalScan.Run(root, null, null, quiet: true, default));

        Assert.Contains("  --layout classes   The folders are the classes. 2 classes (color, grey): 8 train.", error.Message,
            StringComparison.Ordinal);
        Assert.Contains("  --layout val=grey  The folders inside are the classes; “grey” is val, the rest trains. 2 classes (cat, dog): 4 "
            + "train, 4 val.", error.Message, StringComparison.Ordinal);
        Assert.Equal(2, await Verbs.RunAsync(["train", "--data", root, "--out", _bench.In("out")]));
        Assert.Equal(["cat", "dog"], TerminalScan.Run(root, null, "merged", quiet: true, default).Classes);
        Assert.StartsWith("--layout: “sideways”",
            Assert.Throws<InvalidInputException>(() => TerminalScan.Run(root, null, "sideways", quiet: true, default)).Message,
            StringComparison.Ordinal);
    }

    public async Task InitializeAsync()
    {
        _bench = await DatasetBench.StartAsync();
        _client = _bench.App.CreateClient();
    }

    public Task DisposeAsync() => _bench.DisposeAsync().AsTask();

    private string Folder() => _bench.Photos("set", ("color/cat", 2), ("color/dog", 2), ("grey/cat", 2), ("grey/dog", 2));

    private async Task<DatasetRow> AddAsync() => await _bench.ScannedAsync((await _bench.Store.AddFolderAsync("set", Folder())).Id);

    private async Task RescanAsync(int id, string? layout)
    {
        var answer = layout is null ? await _client.PostAsync($"/api/datasets/{id}/rescan", null)
            : await _client.PostAsJsonAsync($"/api/datasets/{id}/rescan", new { layout });
        Assert.Equal(HttpStatusCode.Accepted, answer.StatusCode);
        await _bench.ScannedAsync(id);
    }
}

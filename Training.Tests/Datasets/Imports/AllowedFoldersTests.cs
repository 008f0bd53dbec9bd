using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Dashboard.Datasets;
using Dashboard.Datasets.Imports;
using Dashboard.Datasets.Samples;
using Dashboard.Dispatch;
using Dashboard.Machines;
using Dashboard.Protocol;
using Dashboard.Runs;
using Dashboard.Storage;
using Microsoft.EntityFrameworkCore;
using Training.Core.Data;
using Training.Core.Recipes;
using Training.Core.Runs;
using Training.Tests.TestKit;

namespace Training.Tests.Datasets.Imports;

/// <summary>Which folders of the dashboard's computer are whose.</summary>
public sealed class AllowedFoldersTests : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();
    private DashboardApp _app = null!;
    private HttpClient _here = null!, _member = null!, _admin = null!;

    private DatasetStore Store => _app.Get<DatasetStore>();

    [Theory]
    [InlineData("open/photos", true)]
    [InlineData("open/../open/photos/", true)]
    [InlineData("others/photos", false)]
    [InlineData("open/../others/photos", false)]
    [InlineData("open/link", false)]
    [InlineData("open2", false)]
    [InlineData("others/not-there", false)]
    [InlineData("/proc/self", false)]
    [InlineData("/dev", false)]
    [InlineData("/", false)]
    public async Task Folder_AddedFromElsewhere_HasToBeOneOfTheSetting(string path, bool taken)
    {
        var full = path.StartsWith('/') ? path : $"{_folder.Path}/{path}";
        foreach (var (client, name) in new[] { (_member, "of a member"), (_admin, "of an admin") })
        {
            var answer = await AddAsync(client, name, full);

            Assert.Equal(taken ? HttpStatusCode.Created : HttpStatusCode.BadRequest, answer.StatusCode);
            if (taken) continue;
            var words = await ErrorAsync(answer, "path");
            Assert.Contains($"Choose one in {_folder.In("open")} (setting Dashboard:DatasetFolders), or upload a zip", words,
                StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Folder_ThatIsOrIsNotThere_IsRefusedInTheSameWords()
    {
        var there = await ErrorAsync(await AddAsync(_member, "a", _folder.In("others", "photos")), "path");
        var not = await ErrorAsync(await AddAsync(_member, "b", _folder.In("others", "nowhere")), "path");

        Assert.Equal(there.Replace("photos", "nowhere", StringComparison.Ordinal), not);
    }

    [Fact]
    public async Task Folder_WithoutTheSetting_IsForThisComputerOnly()
    {
        await using var app = Elsewhere.App();
        using var member = await Elsewhere.ProgramAsync(app, AccountRole.Member);
        using var here = Elsewhere.ClientOf(app, "127.0.0.1", "127.0.0.1");

        var words = await ErrorAsync(await AddAsync(member, "photos", _folder.In("open", "photos")), "path");

        Assert.Contains("Dashboard:DatasetFolders", words, StringComparison.Ordinal);
        Assert.Contains("Upload a zip", words, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.Created, (await AddAsync(here, "photos", _folder.In("others", "photos"))).StatusCode);
    }

    [Theory]
    [InlineData("/proc/self")]
    [InlineData("/proc/self/root/sys")]
    [InlineData("/sys/kernel")]
    [InlineData("/dev")]
    [InlineData("link-to-proc")]
    public async Task Folder_OfTheSystem_IsNotForThisComputerEither(string path)
    {
        Directory.CreateSymbolicLink(_folder.In("link-to-proc"), "/proc/self");

        var words = await ErrorAsync(await AddAsync(_here, "x", path.StartsWith('/') ? path : _folder.In(path)), "path");

        Assert.Contains("the system's own files", words, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Folder_WithALinkToTheDashboardsOwnData_IsRefused()
    {
        Directory.CreateSymbolicLink(_folder.In("own"), _app.DataRoot);

        Assert.Contains("the dashboard's own data", await ErrorAsync(await AddAsync(_here, "x", _folder.In("own")), "path"),
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task Image_ThatBecameALinkOutOfTheFolders_IsNotShown()
    {
        var row = await ReadyAsync(_member, _folder.In("open", "photos"));
        var sample = (await Store.SamplesAsync(row.Id))[0];
        Assert.Equal("image/jpeg", (await _member.GetAsync(SampleImage.Thumbnail(row.Id, sample))).Content.Headers.ContentType?.MediaType);
        var path = Path.Combine(row.Root, sample.Path);
        File.Delete(path);
        File.CreateSymbolicLink(path, _folder.In("others", "photos", "cats", "1.jpg"));

        foreach (var address in new[] { SampleImage.Full(row.Id, sample), SampleImage.Thumbnail(row.Id, sample) })
        {
            var answer = await _member.GetAsync(address);
            Assert.Equal("image/svg+xml", answer.Content.Headers.ContentType?.MediaType);
            Assert.Contains("Not open", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Image_ThatWasMovedAndThenBecameALinkOutOfTheFolders_IsNotShown()
    {
        var row = await ReadyAsync(_member, _folder.In("open", "photos"));
        var sample = (await Store.SamplesAsync(row.Id))[0];
        var moved = Path.Combine(row.Root, "dogs", "sorted.jpg");
        File.Move(Path.Combine(row.Root, sample.Path), moved);
        await Store.RescanAsync(row.Id);
        await Eventually.NotNullAsync(
            async () => await Store.GetAsync(row.Id) is { State: DatasetState.Ready } ready ? ready : null, "scanned again");
        var address = SampleImage.FullOf(9, row.Id, sample.Id);
        Assert.Equal("image/jpeg", (await _member.GetAsync(address)).Content.Headers.ContentType?.MediaType);
        // The same bytes outside: only the fence keeps them.
        File.Move(moved, _folder.In("others", "photos", "sorted.jpg"));
        File.CreateSymbolicLink(moved, _folder.In("others", "photos", "sorted.jpg"));

        var answer = await _member.GetAsync(address);

        Assert.Equal("image/svg+xml", answer.Content.Headers.ContentType?.MediaType);
        Assert.Contains("Not open", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_OnAFolderFromElsewhere_KeepsItsFenceAndDeliversNothingFromOutside()
    {
        var row = await ReadyAsync(_member, _folder.In("open", "photos"));
        var manifest = await Store.ManifestAsync(row.Id, 0.5, 1);
        Assert.Equal([_folder.In("open")], manifest.Within);
        var recipe = new Recipe { Dataset = "1", Name = "a run" };
        var options = _app.Get<Microsoft.Extensions.Options.IOptions<Dashboard.Storage.DashboardOptions>>().Value;
        await _app.Runs.AddAsync(
            new RunRow { Name = "a run", DatasetId = row.Id, DatasetName = row.Name,
                RecipeJson = JsonSerializer.Serialize(recipe, CoreJson.Options), CreatedAt = DateTimeOffset.UnixEpoch },
            id => options.RunFolder(id).Write(recipe, manifest), default);
        var run = (await _app.Runs.TakeNextAsync("box", AttemptToken.Hash("secret")))!;
        using var machine = Elsewhere.ClientOf(_app);
        machine.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", "secret");
        var (whole, swapped) = (manifest.Samples[0], manifest.Samples[1]);
        File.Delete(manifest.FullPath(swapped));
        File.CreateSymbolicLink(manifest.FullPath(swapped), _folder.In("others", "photos", "cats", "1.jpg"));

        var images = $"/api/machines/link/runs/{run.Id}/attempts/1/images";
        Assert.Equal(File.ReadAllBytes(manifest.FullPath(whole)), await machine.GetByteArrayAsync($"{images}/{whole.Sha256}"));
        using var rest = new HttpRequestMessage(HttpMethod.Get,
            $"{images}/{whole.Sha256}") { Headers = { Range = new RangeHeaderValue(10, null) } };
        Assert.Equal(File.ReadAllBytes(manifest.FullPath(whole))[10..],
            await (await machine.SendAsync(rest)).Content.ReadAsByteArrayAsync());
        Assert.Equal(HttpStatusCode.NotFound, (await machine.GetAsync($"{images}/{swapped.Sha256}")).StatusCode);
    }

    [Fact]
    public async Task Resume_OfARunFromBeforeTheFence_PutsItUpAndAClosedFolderIsRefused()
    {
        var row = await ReadyAsync(_member, _folder.In("open", "photos"));
        var folder = await RestingAsync(row);

        Assert.Equal(HttpStatusCode.OK, (await _member.PostAsync($"/api/runs/{folder.Id}/resume", null)).StatusCode);
        await _app.Get<MachineStore>().EnsureAsync("box");
        Assert.Equal(folder.Id, (await _app.Get<RunDispatch>().TakeAsync("box", "cpu", default))?.RunId);
        Assert.Equal([_folder.In("open")], DatasetManifest.Load(folder.Manifest).Within);

        var closed = await ReadyAsync(_here, _folder.In("others", "photos"));
        await using (var db = _app.Database()) await db.Datasets.Where(dataset => dataset.Id == closed.Id)
            .ExecuteUpdateAsync(set => set.SetProperty(dataset => dataset.IsFenced, true));
        var refused = await _member.PostAsync($"/api/runs/{(await RestingAsync(closed)).Id}/resume", null);

        Assert.Equal(HttpStatusCode.Conflict, refused.StatusCode);
        Assert.Contains("can't go on: ", await refused.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Dataset_AddedEarlierFromAFolderThatIsNotOpen_IsKeptClosedUntilItIsOpenedHere()
    {
        var row = await ReadyAsync(_here, _folder.In("others", "photos"));
        await using (var db = _app.Database()) await db.Datasets.ExecuteUpdateAsync(set =>
            set.SetProperty(dataset => dataset.IsFenced, true));
        var thumbnail = string.Create(CultureInfo.InvariantCulture, $"/thumbs/{row.Id}/0");

        var refused = await _member.GetAsync($"/api/datasets/{row.Id}/samples");
        Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);
        Assert.Contains("Dashboard:DatasetFolders", await refused.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Equal("image/svg+xml", (await _member.GetAsync(thumbnail)).Content.Headers.ContentType?.MediaType);
        var submitted = await _member.PostAsJsonAsync("/api/runs", new { dataset = row.Name, mode = "transfer" });
        Assert.Equal(HttpStatusCode.BadRequest, submitted.StatusCode);
        Assert.Contains("not one of the folders that are open", await ErrorAsync(submitted, "dataset"), StringComparison.Ordinal);
        var beside = Assert.Single(await _app.Get<RunService>().CheckAsync(new Recipe { Dataset = row.Name }), problem =>
            problem.Field == "dataset");
        Assert.Contains("not one of the folders that are open", beside.Message, StringComparison.Ordinal);

        await Store.OpenFolderAsync(row.Id);

        Assert.Equal(HttpStatusCode.OK, (await _member.GetAsync($"/api/datasets/{row.Id}/samples")).StatusCode);
        Assert.Equal("image/jpeg", (await _member.GetAsync(thumbnail)).Content.Headers.ContentType?.MediaType);
        Assert.Equal(3, await Store.CountAsync(row.Id));
    }

    [Fact]
    public async Task Names_OfOtherFiles_AreForThoseWhoMayReadTheFolder()
    {
        foreach (var place in new[] { "open", "others" })
            foreach (var name in new[] { "salaries.txt", "diary.txt" }) File.WriteAllText(_folder.In(place, "photos", "cats", name), name);
        var mine = await ReadyAsync(_here, _folder.In("others", "photos"));
        var theirs = await ReadyAsync(_member, _folder.In("open", "photos"));

        Assert.Contains("cats/diary.txt", await PathsAsync(_here, mine.Id));
        Assert.Contains("cats/diary.txt", await PathsAsync(_member, theirs.Id));
        var shown = await (await _member.GetAsync($"/api/datasets/{mine.Id}")).Content.ReadAsStringAsync();
        Assert.DoesNotContain("diary", shown, StringComparison.Ordinal);
        Assert.Contains("2 files: ", shown, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("photos", "is not a full path")]
    [InlineData("/nowhere/at/all", "there is no folder")]
    [InlineData("/", "the system's own files")]
    [InlineData("/proc", "the system's own files")]
    [InlineData("/tmp; ", null)]
    [InlineData("", null)]
    public void Setting_ThatCantBeUsed_IsExplained(string setting, string? words)
    {
        if (words is null) Assert.Null(AllowedFolders.Problem(setting));
        else Assert.Contains(words, AllowedFolders.Problem(setting), StringComparison.Ordinal);
    }

    public async Task InitializeAsync()
    {
        foreach (var place in new[] { "open", "others" })
        {
            for (var i = 1; i <= 2; i++) TestImages.Write(_folder.In(place, "photos", "cats", $"{i}.jpg"), i, $"{place} {i}");
            TestImages.Write(_folder.In(place, "photos", "dogs", "1.jpg"), 3, $"{place} dog");
        }
        Directory.CreateDirectory(_folder.In("open2"));
        Directory.CreateSymbolicLink(_folder.In("open", "link"), _folder.In("others"));
        _app = Elsewhere.App(new Dictionary<string, string> { ["Dashboard:DatasetFolders"] = _folder.In("open") });
        _here = Elsewhere.ClientOf(_app, "127.0.0.1", "127.0.0.1");
        _member = await Elsewhere.ProgramAsync(_app, AccountRole.Member);
        _admin = await Elsewhere.ProgramAsync(_app, AccountRole.Admin);
    }

    public async Task DisposeAsync()
    {
        foreach (var client in new[] { _here, _member, _admin }) client.Dispose();
        await _app.DisposeAsync();
        _folder.Dispose();
    }

    /// <summary>A run that can go on and whose manifest names no fence, as those of earlier versions.</summary>
    private async Task<(int Id, string Manifest)> RestingAsync(DatasetRow row)
    {
        var run = await new RunBuilder(_app) { State = RunState.Failed, Images = false, Predictions = false }.BuildAsync(row);
        var folder = _app.Get<Microsoft.Extensions.Options.IOptions<Dashboard.Storage.DashboardOptions>>().Value.RunFolder(run.Id);
        await File.WriteAllTextAsync(folder.Checkpoint, "there");
        return (run.Id, folder.Manifest);
    }

    private async Task<DatasetRow> ReadyAsync(HttpClient client, string path)
    {
        var answer = await AddAsync(client, $"a set {Guid.NewGuid():N}", path);
        Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
        var id = (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("id").GetInt32();
        return await Eventually.NotNullAsync(async () => await Store.GetAsync(id) is { State: not DatasetState.Scanning } row ? row : null,
            "the scan's end");
    }

    private static Task<HttpResponseMessage> AddAsync(HttpClient client, string name, string path) =>
        client.PostAsJsonAsync("/api/datasets", new { name, path });

    private static async Task<string> ErrorAsync(HttpResponseMessage answer, string field)
    {
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        return (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("errors").GetProperty(field)[0].GetString()!;
    }

    private static async Task<IReadOnlyList<string?>> PathsAsync(HttpClient client, int id) =>
        [.. (await client.GetFromJsonAsync<JsonElement>($"/api/datasets/{id}")).GetProperty("problems").EnumerateArray()
            .Select(problem => problem.TryGetProperty("path", out var path) ? path.GetString() : null)];
}

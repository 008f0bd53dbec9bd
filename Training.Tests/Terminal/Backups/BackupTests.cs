using System.Globalization;
using System.IO.Compression;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text.Json;
using Dashboard.Storage;
using Dashboard.Storage.Files;
using Dashboard.Terminal;
using Dashboard.Terminal.Backups;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Training.Tests.Storage;
using Training.Tests.TestKit;
using Training.Tests.TestProcesses;

namespace Training.Tests.Terminal.Backups;

/// <summary>A backup of a dashboard that is at work, restored elsewhere.</summary>
[Collection(PostgresServer.Name)]
public sealed class BackupTests(PostgresServer server) : IDisposable
{
    private static readonly string[] Here = ["--Dashboard:TrainHere", "false"];

    private readonly TemporaryFolder _folder = new();

    private string Root => _folder.In("data");
    private string File => _folder.In("backup.zip");
    private string Copy => _folder.In("restored");

    /// <summary>A real training, and people who queue, rename and delete runs meanwhile.</summary>
    [Fact]
    public async Task Backup_UnderWrites_OpensElsewhereWithEveryRowAndFileInAgreement()
    {
        int trained, live;
        await using (var dashboard = await DashboardProcess.StartAsync(Root, "--Dashboard:DemoDataset", "true"))
        {
            using var http = new HttpClient { BaseAddress = dashboard.Url };
            await Eventually.TrueAsync(async () => (await http.GetStringAsync("health")).Contains("healthy", StringComparison.Ordinal),
                "the demo set can be used");
            trained = await SubmitAsync(http, epochs: 1);
            await new StoredRun(Root, trained).EndAsync();
            live = await SubmitAsync(http, epochs: 500);
            await Eventually.TrueAsync(async () => (await new StoredRun(Root, live).GetAsync()).Epoch >= 2, "two epochs of the live run");
            using var over = new CancellationTokenSource();
            var writes = WriteAsync(http, over.Token);

            Assert.Equal(0, await RunAsync("backup", "--out", File, $"--Dashboard:DataRoot={Root}"));

            await over.CancelAsync();
            Assert.True(await writes > 0, "Nobody wrote meanwhile.");
            await new StoredRun(Root, live).KillTrainersAsync();
        }
        if (!OperatingSystem.IsWindows())
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, System.IO.File.GetUnixFileMode(File));
        Assert.Equal(0, await RunAsync("restore", "--from", File, $"--Dashboard:DataRoot={Copy}"));

        Assert.Equal(RunState.Paused, (await new StoredRun(Copy, live).GetAsync()).State);
        await AssertImagesAsync();
        await using var restored = await DashboardProcess.StartAsync(Copy);
        using var client = new HttpClient { BaseAddress = restored.Url };
        foreach (var run in new[] { trained, live }) await AssertFilesAsync(client, run);
        await AssertGoesOnAsync(client, live);
    }

    [SkippableFact]
    public async Task Backup_OfAPostgresDashboard_IsRestoredIntoAnEmptyDatabaseWithEveryRow()
    {
        string from = await server.NewDatabaseAsync(), to = await server.NewDatabaseAsync();
        RunRow run;
        await using (var app = new DashboardApp(Root, new Dictionary<string, string> { ["Dashboard:Postgres"] = from }))
        {
            using var client = app.CreateClient();
            run = await new RunBuilder(app) { Images = false, Name = "über 강아지" }.BuildAsync();
            Assert.Equal(0, await RunAsync("backup", "--out", File, $"--Dashboard:DataRoot={Root}", $"--Dashboard:Postgres={from}"));
        }

        Assert.Equal(0, await RunAsync("restore", "--from", File, $"--Dashboard:DataRoot={Copy}", $"--Dashboard:Postgres={to}"));

        await using var restored = new DashboardApp(Copy, new Dictionary<string, string> { ["Dashboard:Postgres"] = to });
        using var http = restored.CreateClient();
        var row = (await restored.Runs.GetAsync(run.Id))!;
        Assert.Equal(("über 강아지", run.State, run.BestValAccuracy, run.CreatedAt),
            (row.Name, row.State, row.BestValAccuracy, row.CreatedAt));
        Assert.Equal(40, (await restored.Runs.StepsAsync(run.Id, 0, 1000)).Count);
        // Numbers go on behind the last one.
        Assert.True((await new RunBuilder(restored) { Images = false, DatasetName = "another" }.BuildAsync()).Id > run.Id);
        Assert.NotEqual(0, await RunAsync("restore", "--from", File, $"--Dashboard:DataRoot={_folder.In("third")}",
            $"--Dashboard:Postgres={to}"));
        Assert.False(Directory.Exists(_folder.In("third")));
    }

    [Fact]
    public async Task Restore_IntoARootThatIsNotEmpty_IsRefusedAndChangesNothing()
    {
        await MakeAsync();
        Directory.CreateDirectory(Copy);
        await System.IO.File.WriteAllTextAsync(Path.Combine(Copy, "letter.txt"), "mine");

        Assert.Equal(2, await RunAsync("restore", "--from", File, $"--Dashboard:DataRoot={Copy}"));

        Assert.Equal(["letter.txt"], Directory.EnumerateFileSystemEntries(Copy).Select(Path.GetFileName));
    }

    [Theory]
    [InlineData("damaged")]
    [InlineData("cut off")]
    [InlineData("missing entry")]
    [InlineData("newer")]
    [InlineData("elsewhere")]
    public async Task Restore_OfABadBackup_IsRefusedBeforeAnythingIsWritten(string how)
    {
        await MakeAsync();
        Spoil(how);

        Assert.Equal(2, await RunAsync("restore", "--from", File, $"--Dashboard:DataRoot={Copy}"));

        Assert.False(Directory.Exists(Copy));
    }

    [Fact]
    public async Task Start_InARootWhoseRestoreWasBrokenOff_IsRefused()
    {
        Directory.CreateDirectory(Copy);
        await System.IO.File.WriteAllTextAsync(Path.Combine(Copy, DataRoot.UnfinishedRestore), "");

        var (exit, output) = await DashboardProcess.StartInVainAsync(Copy, Here);

        Assert.Equal(2, exit);
        Assert.Contains("Empty the folder and restore again.", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Backup_WhileSomebodyDeletesARun_RestoresWithoutIt()
    {
        await using var app = new DashboardApp(Root);
        using var client = app.CreateClient();
        var (kept, deleted) = (await new RunBuilder(app) { Images = false }.BuildAsync(),
            await new RunBuilder(app) { Images = false, DatasetName = "other" }.BuildAsync());
        var maker = new BackupMaker(new() { DataRoot = Root }, TimeProvider.System);

        // As soon as the database has been read.
        var manifest = await maker.MakeAsync(File, new Reports(() =>
        {
            if (maker.HasDatabase) client.DeleteAsync($"/api/runs/{deleted.Id}").GetAwaiter().GetResult().Dispose();
        }), default);
        Assert.Equal(0, await RunAsync("restore", "--from", File, $"--Dashboard:DataRoot={Copy}"));

        Assert.Equal([deleted.Id], manifest.GoneRuns);
        await using var db = DashboardProcess.Database(Copy);
        Assert.Equal([kept.Id], await db.Runs.Select(run => run.Id).ToListAsync());
    }

    public void Dispose()
    {
        SqliteConnection.ClearAllPools();
        _folder.Dispose();
    }

    private static Task<int> RunAsync(params string[] arguments) => Verbs.RunAsync(arguments);

    private async Task MakeAsync()
    {
        await using var app = new DashboardApp(Root);
        using var client = app.CreateClient();
        await new RunBuilder(app) { Images = false }.BuildAsync();
        Assert.Equal(0, await RunAsync("backup", "--out", File, $"--Dashboard:DataRoot={Root}"));
    }

    private void Spoil(string how)
    {
        if (how == "cut off")
        {
            using var file = new FileStream(File, FileMode.Open);
            file.SetLength(file.Length / 2);
            return;
        }
        using var zip = ZipFile.Open(File, ZipArchiveMode.Update);
        var entry = zip.Entries.First(entry => entry.FullName.EndsWith("recipe.json", StringComparison.Ordinal));
        if (how == "missing entry") entry.Delete();
        else if (how == "damaged") Rewrite(entry, text => text.Replace('0', '1'));
        else Rewrite(zip.GetEntry(BackupManifest.Name)!, text => how == "newer"
            ? text.Replace("\"format\": 1", "\"format\": 2", StringComparison.Ordinal)
            : text.Replace(entry.FullName, "files/../../outside.json", StringComparison.Ordinal));
    }

    private static void Rewrite(ZipArchiveEntry entry, Func<string, string> change)
    {
        using var stream = entry.Open();
        var text = new StreamReader(stream).ReadToEnd();
        var changed = change(text);
        Assert.NotEqual(text, changed);
        stream.SetLength(0);
        using var writer = new StreamWriter(stream);
        writer.Write(changed);
    }

    private static async Task<int> SubmitAsync(HttpClient http, int epochs)
    {
        using var answer = await http.PostAsJsonAsync("api/runs",
            new { dataset = "Shapes (demo)", mode = "transfer", epochs, imageSize = 64 });
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
        return (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("id").GetInt32();
    }

    /// <returns>How many runs were made.</returns>
    private static async Task<int> WriteAsync(HttpClient http, CancellationToken over)
    {
        var made = 0;
        while (!over.IsCancellationRequested)
        {
            var id = await SubmitAsync(http, epochs: 1);
            if (++made % 2 == 0) (await http.DeleteAsync(new Uri($"api/runs/{id}", UriKind.Relative), default)).Dispose();
        }
        return made;
    }

    /// <summary>Every image that the database speaks of is there, with the bytes that it had.</summary>
    private async Task AssertImagesAsync()
    {
        await using var db = DashboardProcess.Database(Copy);
        var samples = await db.Samples.Where(sample => !sample.Gone).ToListAsync();
        Assert.NotEmpty(samples);
        foreach (var sample in samples)
        {
            var bytes = await System.IO.File.ReadAllBytesAsync(
                Path.Combine(Copy, "datasets", sample.DatasetId.ToString(CultureInfo.InvariantCulture), sample.Path));
            Assert.Equal(sample.Sha256, Convert.ToHexStringLower(SHA256.HashData(bytes)));
        }
    }

    private static async Task AssertFilesAsync(HttpClient http, int run)
    {
        var artifacts = await http.GetFromJsonAsync<JsonElement>($"api/runs/{run}/artifacts");
        foreach (var artifact in artifacts.EnumerateArray())
            Assert.Equal(artifact.GetProperty("bytes").GetInt64(),
                (await http.GetByteArrayAsync($"api/runs/{run}/artifacts/{artifact.GetProperty("name").GetString()}")).Length);
        var epochs = (await http.GetFromJsonAsync<JsonElement>($"api/runs/{run}")).GetProperty("epoch").GetInt32();
        Assert.True(epochs > 0);
        for (var epoch = 1; epoch <= epochs; epoch++)
            Assert.Contains("\"truth\"", await http.GetStringAsync($"api/runs/{run}/predictions?epoch={epoch}"), StringComparison.Ordinal);
    }

    /// <summary>From its checkpoint, with no step missing or doubled.</summary>
    private async Task AssertGoesOnAsync(HttpClient http, int id)
    {
        var run = new StoredRun(Copy, id);
        var before = (await run.GetAsync()).Step;
        using (var resumed = await http.PostAsync(new Uri($"api/runs/{id}/resume", UriKind.Relative), null)) Assert.True(
            resumed.IsSuccessStatusCode);
        await run.SeeStepsAsync(before + 10, () => "");
        await run.AssertNoStepIsMissingOrDoubledAsync();
        Assert.Equal(2, (await run.GetAsync()).Attempt);
        // Its images too are those that were restored.
        var images = Training.Core.Data.DatasetManifest.Load(new DashboardOptions { DataRoot = Copy }.RunFolder(id).Manifest);
        Assert.StartsWith(Copy + Path.DirectorySeparatorChar, images.Root, StringComparison.Ordinal);
        Assert.Equal([images.Root], images.Within);
        await run.KillTrainersAsync();
    }

    private sealed class Reports(Action report) : IProgress<long>
    {
        public void Report(long value) => report();
    }
}

using System.Net;
using System.Net.Http.Json;
using Bunit;
using Dashboard.Pages.Shell;
using Dashboard.Storage;
using Training.Tests.TestKit;

namespace Training.Tests.Storage.Outages;

/// <summary>The data root is taken away under a dashboard that runs.</summary>
public sealed class DataRootOutageTests
{
    [Fact]
    public async Task Requests_WhileTheRootIsAway_AreAnswered503AndNothingIsWrittenInItsPlace()
    {
        using var folder = new TemporaryFolder();
        await using var app = new DashboardApp(folder.In("data"));
        using var client = app.CreateClient();
        await new RunBuilder(app) { Images = false }.BuildAsync();

        Directory.Move(folder.In("data"), folder.In("elsewhere"));
        Directory.CreateDirectory(folder.In("data"));
        using var runs = await client.GetAsync("/api/runs");
        using var submitted = await client.PostAsJsonAsync("/api/runs", new { dataset = "cats and dogs", mode = "transfer" });
        using var uploaded = await client.PostAsync("/api/datasets",
            new MultipartFormDataContent { { new StringContent("new"), "name" }, { new ByteArrayContent([1, 2, 3]), "file", "new.zip" } });
        using var health = await client.GetAsync("/health");

        foreach (var answer in new[] { runs, submitted, uploaded, health })
            Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
        Assert.Contains($"The data root {folder.In("data")} is another folder", await submitted.Content.ReadAsStringAsync(),
            StringComparison.Ordinal);
        Assert.Contains("The data root can't be reached since ",
            (await health.Content.ReadAsStringAsync()).Replace("\\u0027", "'", StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.DoesNotContain(folder.Path, await health.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFileSystemEntries(folder.In("data")));

        Directory.Delete(folder.In("data"));
        Directory.Move(folder.In("elsewhere"), folder.In("data"));
        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync("/health")).StatusCode);
        Assert.Contains("cats and dogs", await client.GetStringAsync("/api/runs"), StringComparison.Ordinal);
    }
}

/// <summary>What an open page says of outages.</summary>
public sealed class OutageNoteTests : ComponentTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private string Elsewhere => App.DataRoot + ".elsewhere";

    [Fact]
    public void Note_WhileTheRootIsAway_SaysWhatHasBecomeOfIt()
    {
        var note = Render<OutageNote>();
        Assert.Empty(note.Markup.Trim());

        Directory.Move(App.DataRoot, Elsewhere);
        note.WaitForAssertion(() =>
            Assert.Contains($"The data root {App.DataRoot} is gone", note.Find("[role=alert]").TextContent, StringComparison.Ordinal),
            Patience);
        Directory.Move(Elsewhere, App.DataRoot);

        note.WaitForAssertion(() => Assert.Empty(note.Markup.Trim()), Patience);
    }

    [Fact]
    public async Task Menu_ThatCannotCount_ShowsItsWaysAndCountsWhenTheDatabaseIsBack()
    {
        await new RunBuilder(App) { Images = false, State = RunState.Training, DoneEpochs = 1 }.BuildAsync();
        Directory.Move(App.DataRoot, Elsewhere);
        var menu = Render<NavMenu>();
        Assert.NotEmpty(menu.FindAll("a[href='/datasets']"));
        Assert.Empty(menu.FindAll(".count"));

        Directory.Move(Elsewhere, App.DataRoot);

        menu.WaitForAssertion(() => Assert.Equal("1 live", menu.Find(".count").TextContent), Patience);
    }
}

using System.Net;
using Dashboard.Storage;
using Microsoft.Playwright;
using Training.Tests.TestKit;

namespace Training.Tests.Storage.Outages;

/// <summary>A real PostgreSQL server goes away and comes back while people look.</summary>
[Collection(Browser.Name)]
public sealed class DatabaseOutageTests(Browser browser) : IAsyncLifetime
{
    private readonly PostgresServer _server = new();

    public Task InitializeAsync() => _server.InitializeAsync();

    public Task DisposeAsync() => _server.DisposeAsync();

    [SkippableFact]
    public async Task Pages_WhileTheDatabaseIsAway_KeepWhatTheyShowSaySinceWhenAndGoOnByThemselves()
    {
        await using var app =
            DashboardApp.Listening(settings: new Dictionary<string, string> { ["Dashboard:Postgres"] = await _server.NewDatabaseAsync() });
        var run = await new RunBuilder(app) { State = RunState.Training, DoneEpochs = 2, Name = "강아지와 고양이" }.BuildAsync();
        await using var details = await browser.OpenAsync(app, $"/runs/{run.Id}", width: 420, scheme: ColorScheme.Dark);
        await using var list = await browser.OpenAsync(app, "/");
        (details.ExpectsErrors, list.ExpectsErrors) = (true, true);
        await Assertions.Expect(list.Page.Locator("table.runs")).ToContainTextAsync("강아지와 고양이");

        await _server.StopAsync();
        await details.Page.GetByRole(AriaRole.Button, new() { Name = "Pause" }).ClickAsync();

        await Assertions.Expect(details.Page.Locator(".mud-snackbar"))
            .ToContainTextAsync("The database doesn't answer, so this was not done.", new() { Timeout = 30_000 });
        foreach (var page in new[] { details, list })
            await Assertions.Expect(page.Page.Locator("#content > .note[role=alert]"))
                .ToContainTextAsync("The database hasn't answered since ", new() { Timeout = 30_000 });
        await Assertions.Expect(details.Page.Locator("h1")).ToContainTextAsync("강아지와 고양이");
        await Assertions.Expect(list.Page.Locator("table.runs")).ToContainTextAsync("강아지와 고양이");
        await details.AssertFitsAsync();
        await details.AssertAccessibleAsync();
        // Asked for anew while it is away: another tab of the run, and a page of its own.
        await details.Page.GetByRole(AriaRole.Link, new() { Name = "Log" }).ClickAsync();
        await using var late = await browser.OpenAsync(app, "/datasets");
        late.ExpectsErrors = true;
        await Assertions.Expect(late.Page.Locator("#content > .note[role=alert]"))
            .ToContainTextAsync("The database hasn't answered since ");

        await _server.StartAsync();

        foreach (var page in new[] { details, list, late })
            await Assertions.Expect(page.Page.Locator("#content > .note[role=alert]")).ToBeHiddenAsync(new() { Timeout = 30_000 });
        await Assertions.Expect(late.Page.Locator("#content")).ToContainTextAsync("cats and dogs");
        await Assertions.Expect(details.Page.Locator(".tabs a.on")).ToHaveTextAsync("Log");
        // All of them follow again.
        await app.Runs.RenameAsync(run.Id, "renamed since", default);
        await Assertions.Expect(details.Page.Locator("h1")).ToContainTextAsync("renamed since");
        await Assertions.Expect(list.Page.Locator("table.runs")).ToContainTextAsync("renamed since");
    }

    [SkippableFact]
    public async Task Programs_WhileTheDatabaseIsAway_Get503WithWhenToAskAgain()
    {
        await using var app =
            new DashboardApp(settings: new Dictionary<string, string> { ["Dashboard:Postgres"] = await _server.NewDatabaseAsync() });
        using var client = app.CreateClient();
        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync("/health")).StatusCode);

        await _server.StopAsync();
        using var runs = await client.GetAsync("/api/runs");
        using var health = await client.GetAsync("/health");
        using var page = await client.GetAsync("/");
        await _server.StartAsync();

        Assert.Equal(HttpStatusCode.ServiceUnavailable, runs.StatusCode);
        Assert.Equal(5, runs.Headers.RetryAfter!.Delta!.Value.TotalSeconds);
        Assert.Contains("The database doesn't answer, so this was not done.", await runs.Content.ReadAsStringAsync(),
            StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, health.StatusCode);
        Assert.Contains("\"unhealthy\",\"words\":\"The database doesn't answer since ",
            WebUtility.HtmlDecode((await health.Content.ReadAsStringAsync()).Replace("\\u0027", "'", StringComparison.Ordinal)),
            StringComparison.Ordinal);
        Assert.True(page.StatusCode == HttpStatusCode.OK, "A page that is made while the database is away waits for it in the browser.");
        await Eventually.TrueAsync(async () => (await client.GetAsync("/health")).IsSuccessStatusCode, "healthy again");
        Assert.Equal("[]", await client.GetStringAsync("/api/runs"));
    }

    /// <summary>Broken connections alone, as by a restart within a second, are noticed by nobody.</summary>
    [SkippableFact]
    public async Task Programs_AfterAQuickRestart_NoticeNothing()
    {
        await using var app =
            new DashboardApp(settings: new Dictionary<string, string> { ["Dashboard:Postgres"] = await _server.NewDatabaseAsync() });
        using var client = app.CreateClient();
        Assert.Equal("[]", await client.GetStringAsync("/api/runs"));

        await _server.StopAsync();
        await _server.StartAsync();

        Assert.Equal("[]", await client.GetStringAsync("/api/runs"));
    }
}

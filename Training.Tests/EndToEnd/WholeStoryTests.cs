using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.EntityFrameworkCore;
using Microsoft.Playwright;
using Training.Tests.TestKit;
using Training.Tests.TestProcesses;

namespace Training.Tests.EndToEnd;

/// <summary>What a person does on the first day, in a real browser, with the real dashboard and real trainers.</summary>
[Collection(Browser.Name)]
public sealed partial class WholeStoryTests(Browser browser) : IAsyncLifetime, IDisposable
{
    private const float Patience = 180_000;

    private readonly TemporaryFolder _dataRoot = new();
    private DashboardProcess _dashboard = null!;

    public async Task InitializeAsync() =>
        _dashboard = await DashboardProcess.StartAsync(_dataRoot.Path, "--Dashboard:DemoDataset", "true");

    public async Task DisposeAsync() => await _dashboard.DisposeAsync();

    public void Dispose() => _dataRoot.Dispose();

    [SkippableFact]
    public async Task FirstDay_FromTheEmptyPageToTheWrongImages()
    {
        await using var opened = await browser.OpenAsync(_dashboard.Url);
        var page = opened.Page;
        await WaitForDemoSetAsync();

        await page.GetByRole(AriaRole.Link, new() { Name = "New run", Exact = true }).First.ClickAsync();
        await page.Locator("#start-run:enabled").ClickAsync(new() { Timeout = Patience });
        // Asked again and again: a wait for a navigation can miss one that happens as it begins.
        await Assertions.Expect(page).ToHaveURLAsync(new Regex("/runs/1"));
        await Assertions.Expect(Chip(page)).ToHaveTextAsync("Completed", new() { Timeout = Patience });

        // Curves: they were drawn up to the last step while it trained.
        var run = await RunAsync(1);
        await Assertions.Expect(page.Locator("[data-drawn]").First)
            .ToHaveAttributeAsync("data-drawn", run.GetProperty("step").GetRawText());
        Assert.InRange(run.GetProperty("bestValAccuracy").GetDouble(), 0.90, 1);

        // A cell of the matrix opens exactly its images, and a reload shows them again.
        await page.GetByRole(AriaRole.Link, new() { Name = "Confusion matrix" }).ClickAsync();
        var cell = page.Locator("td.wrong a").First;
        var count = int.Parse(await cell.InnerTextAsync(), CultureInfo.InvariantCulture);
        await cell.ClickAsync();
        await Assertions.Expect(page).ToHaveURLAsync(ImagesOfACell());
        await Assertions.Expect(page.Locator("a.shot")).ToHaveCountAsync(count, new() { Timeout = 20_000 });
        await opened.GoAsync(page.Url);
        await Assertions.Expect(page.Locator("a.shot")).ToHaveCountAsync(count, new() { Timeout = 20_000 });
        await AssertThumbnailsShowAsync(page);

        // What is typed into the search stands in the address and filters the list.
        await opened.GoAsync("/");
        await page.FillAsync("input[type=search]", "something else");
        await Assertions.Expect(page.Locator("tbody tr")).ToHaveCountAsync(0);
        await page.FillAsync("input[type=search]", "shapes");
        await Assertions.Expect(page.Locator("tbody tr")).ToHaveCountAsync(1);
        await Assertions.Expect(page).ToHaveURLAsync(new Regex(@"/\?q=shapes$"));
    }

    [SkippableFact]
    public async Task LongRun_Stop_EndsItAndSaysSoAfterAReload()
    {
        await WaitForDemoSetAsync();
        using var http = new HttpClient { BaseAddress = _dashboard.Url };
        var submitted = await http.PostAsJsonAsync("/api/runs",
            new { dataset = "Shapes (demo)", mode = "fromScratch", epochs = 500, batchSize = 16, imageSize = 32 });
        submitted.EnsureSuccessStatusCode();
        await using var opened = await browser.OpenAsync(_dashboard.Url, "/runs/1");
        var page = opened.Page;
        await Assertions.Expect(Chip(page)).ToHaveTextAsync("Training", new() { Timeout = Patience });
        var chart = page.Locator("[data-drawn]").First;
        await Assertions.Expect(chart).ToHaveAttributeAsync("data-drawn", AtLeastTenSteps(), new() { Timeout = Patience });

        await page.GetByRole(AriaRole.Button, new() { Name = "Stop", Exact = true }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Stop the run" }).ClickAsync();

        await Assertions.Expect(Chip(page)).ToHaveTextAsync("Stopped", new() { Timeout = 30_000 });
        await page.ReloadAsync();
        await Assertions.Expect(Chip(page)).ToHaveTextAsync("Stopped");
        await Assertions.Expect(chart).ToHaveAttributeAsync("data-drawn", AtLeastTenSteps());
        Assert.Equal("stopped", (await RunAsync(1)).GetProperty("state").GetString());
    }

    [SkippableFact]
    public async Task Trainer_Killed_ThePageSaysSoAndTheRunGoesOnWithoutAReload()
    {
        await WaitForDemoSetAsync();
        using var http = new HttpClient { BaseAddress = _dashboard.Url };
        var submitted = await http.PostAsJsonAsync("/api/runs",
            new { dataset = "Shapes (demo)", mode = "fromScratch", epochs = 500, batchSize = 16, imageSize = 32 });
        submitted.EnsureSuccessStatusCode();
        await using var opened = await browser.OpenAsync(_dashboard.Url, "/runs/1");
        var page = opened.Page;
        await Assertions.Expect(page.Locator("[data-drawn]").First)
            .ToHaveAttributeAsync("data-drawn", AtLeastTenSteps(), new() { Timeout = Patience });
        await using (var db = _dashboard.Database())
        {
            using var trainer = Process.GetProcessById((await db.Attempts.SingleAsync()).ProcessId!.Value);
            trainer.Kill();
        }

        await page.GetByRole(AriaRole.Link, new() { Name = "Log", Exact = true }).ClickAsync();
        await Assertions.Expect(page.Locator("main")).ToContainTextAsync("by itself: attempt 2", new() { Timeout = 30_000 });
        await Assertions.Expect(Chip(page)).ToHaveTextAsync("Training", new() { Timeout = Patience });
        (await http.PostAsync("/api/runs/1/stop", null)).EnsureSuccessStatusCode();
        await Assertions.Expect(Chip(page)).ToHaveTextAsync("Stopped", new() { Timeout = 30_000 });
        var attempts = await http.GetFromJsonAsync<JsonElement>("/api/runs/1/attempts");
        Assert.Equal(2, attempts.GetArrayLength());
        Assert.Contains("killed", attempts[0].GetProperty("reason").GetString(), StringComparison.Ordinal);
    }

    private static ILocator Chip(IPage page) => page.Locator(".run-head .chip");

    private static async Task AssertThumbnailsShowAsync(IPage page)
    {
        await Eventually.TrueAsync(
            () => page.EvaluateAsync<bool>("[...document.querySelectorAll('a.shot img')].every(image => image.complete)"),
            "all pictures are there");
        Assert.True(await page.EvaluateAsync<bool>("[...document.querySelectorAll('a.shot img')].every(image => image.naturalWidth > 0)"));
    }

    private async Task WaitForDemoSetAsync()
    {
        using var http = new HttpClient { BaseAddress = _dashboard.Url };
        await Eventually.TrueAsync(async () =>
        {
            var datasets = await http.GetFromJsonAsync<JsonElement>("/api/datasets");
            return datasets.EnumerateArray().Any(dataset => dataset.GetProperty("state").GetString() == "ready");
        }, "the demo set is ready");
    }

    private async Task<JsonElement> RunAsync(int id)
    {
        using var http = new HttpClient { BaseAddress = _dashboard.Url };
        return await http.GetFromJsonAsync<JsonElement>($"/api/runs/{id}");
    }

    [GeneratedRegex("tab=images.*truth=\\d+.*predicted=\\d+")]
    private static partial Regex ImagesOfACell();

    [GeneratedRegex("^\\d{2,}")]
    private static partial Regex AtLeastTenSteps();
}

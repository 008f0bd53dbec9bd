using Microsoft.Playwright;
using Training.Tests.TestKit;

namespace Training.Tests.Pages.Review;

[Collection(Browser.Name)]
public sealed class ReviewBrowserTests(Browser browser)
{
    [SkippableFact]
    public async Task Matrix_WalkedByArrowKeys_OpensTheImagesOfTheCellOnEnter()
    {
        await using var app = DashboardApp.Listening();
        var run = await new RunBuilder(app) { Classes = ["cat", "dog"], ValSamples = 40 }.BuildAsync();
        await using var page = await browser.OpenAsync(app, $"/runs/{run.Id}?tab=matrix&epoch=1");
        var first = page.Page.Locator(".matrix td").First.Locator("> *");
        await first.FocusAsync();

        await page.Page.Keyboard.PressAsync("ArrowDown");
        await page.Page.Keyboard.PressAsync("ArrowRight");
        await page.Page.Keyboard.PressAsync("ArrowLeft");
        var cell = page.Page.Locator(".matrix td > :focus");
        var count = int.Parse(await cell.InnerTextAsync(), System.Globalization.CultureInfo.InvariantCulture);
        await Assertions.Expect(page.Page.Locator(".matrix-words")).ToHaveTextAsync($"{count} dog seen as cat");
        await page.Page.Keyboard.PressAsync("Enter");

        await Assertions.Expect(page.Page)
            .ToHaveURLAsync(new System.Text.RegularExpressions.Regex("tab=images&epoch=1&truth=1&predicted=0$"));
        await Assertions.Expect(page.Page.Locator("a.shot")).ToHaveCountAsync(count);
        await page.Page.GoBackAsync();
        await Assertions.Expect(page.Page.Locator(".matrix")).ToBeVisibleAsync();
    }

    [SkippableFact]
    public async Task Image_WhoseFileIsGone_IsAPlaceholderWithAWord()
    {
        await using var app = DashboardApp.Listening();
        var builder = new RunBuilder(app) { Classes = ["cat", "dog"] };
        var dataset = await builder.BuildDatasetAsync();
        var run = await builder.BuildAsync(dataset);
        foreach (var file in Directory.EnumerateFiles(Path.Combine(dataset.Root, "val"), "*.jpg", SearchOption.AllDirectories))
            File.Delete(file);
        await using var page = await browser.OpenAsync(app, $"/runs/{run.Id}?tab=images");

        var picture = page.Page.Locator("a.shot img").First;
        await AssertPlaceholderAsync(picture);
        await page.Page.Locator("a.shot").First.ClickAsync();

        await AssertPlaceholderAsync(page.Page.Locator("dialog.large .picture img"));
        await Assertions.Expect(page.Page.Locator("dialog.large .facts")).ToContainTextAsync("val/");
    }

    /// <summary>A picture that loads, and says in words why it is not the photo.</summary>
    private static async Task AssertPlaceholderAsync(ILocator picture)
    {
        await picture.EvaluateAsync("image => image.decode()");
        Assert.True(await picture.EvaluateAsync<bool>("image => image.naturalWidth > 0"));
        Assert.Contains("File is gone", await picture.EvaluateAsync<string>("image => fetch(image.src).then(answer => answer.text())"),
            StringComparison.Ordinal);
    }

    [SkippableTheory]
    [InlineData(ColorScheme.Light, 1360)]
    [InlineData(ColorScheme.Dark, 400)]
    public async Task Tabs_InBothSchemesAndWidths_AreAccessibleAndFit(ColorScheme scheme, int width)
    {
        await using var app = DashboardApp.Listening();
        var run = await new RunBuilder(app)
        {
            ValSamples = 40, Classes = ["고양이와 강아지 그리고 토끼를 찍은 사진", "<script>alert(1)</script>",
                "a_class_with_a_name_that_is_longer_than_any_column_of_any_table_or_card"],
        }.BuildAsync();
        await using var page = await browser.OpenAsync(app, $"/runs/{run.Id}", width, 800, scheme);

        foreach (var path in new[] { $"/runs/{run.Id}?tab=matrix", $"/runs/{run.Id}?tab=images", $"/runs/{run.Id}?tab=classes",
            "/datasets", $"/datasets/{run.DatasetId}", "/new", "/machines" })
        {
            await page.GoAsync(path);
            await page.Page.WaitForLoadStateAsync(LoadState.NetworkIdle);
            await page.AssertFitsAsync();
            await page.AssertAccessibleAsync();
        }
    }

    [SkippableTheory]
    [InlineData(ColorScheme.Light, 1360)]
    [InlineData(ColorScheme.Dark, 390)]
    public async Task Matrix_OfFortyClassesThatFits_ShowsThemAllWithoutScrollingSideways(ColorScheme scheme, int width)
    {
        await using var app = DashboardApp.Listening();
        var run = await new RunBuilder(app)
        {
            Classes = [.. Enumerable.Range(0, 40).Select(i => $"class {i}")], TrainSamples = 40, ValSamples = 400, Images = false,
        }.BuildAsync();
        await using var page = await browser.OpenAsync(app, $"/runs/{run.Id}?tab=matrix&cells=fit", width, 900, scheme);

        var scroll = page.Page.Locator(".matrix-scroll");
        await Assertions.Expect(page.Page.Locator(".matrix.fit")).ToBeVisibleAsync();
        Assert.True(await scroll.EvaluateAsync<bool>("box => box.scrollWidth <= box.clientWidth"), "the matrix is wider than its box");
        Assert.True(await scroll.EvaluateAsync<bool>("box => box.scrollHeight <= box.clientHeight"), "the matrix is higher than its box");
        await page.AssertFitsAsync();
        await page.AssertAccessibleAsync();
        await page.Page.Locator(".matrix td.right a").First.HoverAsync();
        await Assertions.Expect(page.Page.Locator(".matrix-words")).ToContainTextAsync("rightly seen");
        if (Environment.GetEnvironmentVariable("FINE_TUNE_SHOTS") is { Length: > 0 } folder)
            await page.Page.ScreenshotAsync(new() { Path = Path.Combine(folder, $"matrix-fit-{width}.png") });
    }
}

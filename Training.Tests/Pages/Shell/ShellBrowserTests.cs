using Dashboard.Storage;
using Microsoft.Playwright;
using Training.Tests.TestKit;

namespace Training.Tests.Pages.Shell;

[Collection(Browser.Name)]
public sealed class ShellBrowserTests(Browser browser)
{
    [SkippableTheory]
    [InlineData(ColorScheme.Light, 1360)]
    [InlineData(ColorScheme.Dark, 400)]
    public async Task Pages_InBothSchemesAndWidths_AreAccessibleAndFit(ColorScheme scheme, int width)
    {
        await using var app = DashboardApp.Listening();
        var run = await LongNameAsync(app);
        await using var page = await browser.OpenAsync(app, "/", width, 800, scheme);

        foreach (var path in new[] { "/", $"/runs/{run}", $"/runs/{run}?tab=log", $"/runs/{run}?tab=recipe", $"/runs/{run}?tab=files",
            "/settings" })
        {
            await page.GoAsync(path);
            await page.AssertFitsAsync();
            await page.AssertAccessibleAsync();
        }
    }

    [SkippableFact]
    public async Task Scheme_Chosen_IsThereBeforeTheFirstPaintOfTheNextPage()
    {
        await using var app = DashboardApp.Listening();
        await using var page = await browser.OpenAsync(app, "/settings");

        await page.Page.GetByRole(AriaRole.Button, new() { Name = "Dark" }).ClickAsync();
        await Assertions.Expect(page.Page.Locator("html")).ToHaveAttributeAsync("data-theme", "dark");
        var answer = await page.Page.Context.APIRequest.GetAsync($"{app.Url}settings");

        Assert.Contains("data-theme=\"dark\"", await answer.TextAsync(), StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task Keys_PressedAnywhere_OpenTheFormAndTheSearch()
    {
        await using var app = DashboardApp.Listening();
        await LongNameAsync(app);
        await using var page = await browser.OpenAsync(app, "/settings");

        await page.Page.Keyboard.PressAsync("/");
        await Assertions.Expect(page.Page.Locator("[data-search]")).ToBeFocusedAsync();
        await page.Page.Keyboard.PressAsync("n");
        await Assertions.Expect(page.Page.Locator("[data-search]")).ToHaveValueAsync("n");
        await page.Page.Locator("h1").ClickAsync();
        await page.Page.Keyboard.PressAsync("n");
        await Assertions.Expect(page.Page).ToHaveURLAsync(new System.Text.RegularExpressions.Regex("/new$"));
    }

    [SkippableFact]
    public async Task Restart_OfTheServer_IsSaidInWordsAndThePageComesBackByItself()
    {
        using var root = new TemporaryFolder();
        var first = DashboardApp.Listening(dataRoot: root.Path);
        var run = await LongNameAsync(first);
        DashboardApp? second = null;
        try
        {
            // The page goes before the second dashboard does: a lost connection then is no part of the story.
            await using var page = await browser.OpenAsync(first, $"/runs/{run}?tab=recipe");
            var port = first.Url.Port;

            await first.DisposeAsync();
            var lost = page.Page.Locator("#components-reconnect-modal");
            await Assertions.Expect(lost).ToBeVisibleAsync(new() { Timeout = 60_000 });
            await Assertions.Expect(lost).ToContainTextAsync("Lost contact with the dashboard");
            second = DashboardApp.Listening(port, root.Path);

            await Assertions.Expect(lost).ToBeHiddenAsync(new() { Timeout = 60_000 });
            await page.Page.Locator("[data-live]").First.WaitForAsync(new() { State = WaitForSelectorState.Attached });
            await Assertions.Expect(page.Page.Locator(".tabs a.on")).ToHaveTextAsync("Recipe");
            page.ForgetErrors();
        }
        finally
        {
            if (second is not null) await second.DisposeAsync();
        }
    }

    private static async Task<int> LongNameAsync(DashboardApp app) => (await new RunBuilder(app)
    {
        Images = false, DatasetName = "고양이와 강아지 그리고 토끼를 찍은 사진 모음",
        Name = "고양이와 강아지 사진 이천 장으로 미세 조정한 아주 긴 이름의 런 <script>alert(1)</script>", State = RunState.Failed,
        DoneEpochs = 3, Reason = "The trainer was killed by the system (signal 9): is the memory full?",
    }.BuildAsync()).Id;
}

using System.Globalization;
using Dashboard.Storage;
using Microsoft.Playwright;
using Training.Tests.TestKit;
using Training.Tests.TestProcesses;

namespace Training.Tests.Pages.SlowNetwork;

[Collection(Browser.Name)]
public sealed class TabsTests(Browser browser)
{
    [SkippableFact]
    public async Task Tab_LeftWhileItLoadsOverASlowNetwork_LeavesAPageThatWorks()
    {
        await using var app = DashboardApp.Listening();
        var run = await new RunBuilder(app) { State = RunState.Completed, DoneEpochs = 3 }.BuildAsync();
        await using var slow = CutProxy.Slow(app.Url);
        var path = string.Create(CultureInfo.InvariantCulture, $"/runs/{run.Id}");
        await using var page = await browser.OpenAsync(slow.Url, path);
        var tabs = await page.Page.Locator(".tabs a").CountAsync();

        // From each to the next within a round trip, twice over, so that each is left both fresh and seen before.
        for (var click = 0; click < 2 * tabs; click++)
        {
            await page.Page.Locator(".tabs a").Nth(click % tabs).ClickAsync();
            await Task.Delay(click % 2 == 0 ? 60 : 180);
        }
        await page.Page.Locator(".tabs a").First.ClickAsync();

        await Assertions.Expect(page.Page.Locator(".tabs a").First).ToHaveClassAsync("on");
        await Assertions.Expect(page.Page.Locator("#blazor-error-ui")).ToBeHiddenAsync();
        await Assertions.Expect(page.Page.GetByText("Cannot read properties")).ToHaveCountAsync(0);
    }
}

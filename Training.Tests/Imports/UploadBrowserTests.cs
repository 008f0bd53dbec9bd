using Microsoft.Playwright;
using Training.Tests.TestKit;

namespace Training.Tests.Imports;

[Collection(Browser.Name)]
public sealed class UploadBrowserTests(Browser browser)
{
    private const int SlowBytesPerSecond = 20_000;

    [SkippableFact]
    public async Task Zip_Uploaded_ShowsHowFarItIsAndOpensTheDataset()
    {
        await using var app = DashboardApp.Listening();
        var zip = TestZip.OfImages(Enumerable.Range(0, 60).SelectMany(i => new[] { $"cats/{i}.jpg", $"dogs/{i}.jpg" }));
        await using var page = await browser.OpenAsync(app, "/datasets?add=true");
        await page.Page.SetInputFilesAsync("input[type=file]", new FilePayload { Name = "pets.zip", MimeType = "application/zip", Buffer = zip });
        var devTools = await page.Page.Context.NewCDPSessionAsync(page.Page);
        await ThrottleAsync(devTools, SlowBytesPerSecond);

        await page.Page.GetByRole(AriaRole.Button, new() { Name = "Upload", Exact = true }).ClickAsync();

        await Assertions.Expect(page.Page.GetByRole(AriaRole.Progressbar, new() { Name = "Upload" })).ToBeVisibleAsync();
        await ThrottleAsync(devTools, -1);
        await Assertions.Expect(page.Page).ToHaveURLAsync(new System.Text.RegularExpressions.Regex("/datasets/1$"));
        await Assertions.Expect(page.Page.Locator("h1")).ToHaveTextAsync("pets");
        await Assertions.Expect(page.Page.Locator(".ds-balance li")).ToHaveCountAsync(2);
    }

    private static async Task ThrottleAsync(ICDPSession devTools, int upload) => await devTools.SendAsync("Network.emulateNetworkConditions", new Dictionary<string, object>
    {
        ["offline"] = false, ["latency"] = 0, ["downloadThroughput"] = -1, ["uploadThroughput"] = upload,
    });
}

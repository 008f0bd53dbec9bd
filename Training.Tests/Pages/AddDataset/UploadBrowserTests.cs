using Microsoft.Playwright;
using Training.Tests.Datasets.Imports;
using Training.Tests.TestKit;

namespace Training.Tests.Pages.AddDataset;

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
        await page.Page.SetInputFilesAsync("input[type=file]",
            new FilePayload { Name = "pets.zip", MimeType = "application/zip", Buffer = zip });
        var devTools = await page.Page.Context.NewCDPSessionAsync(page.Page);
        await ThrottleAsync(devTools, SlowBytesPerSecond);

        await page.Page.GetByRole(AriaRole.Button, new() { Name = "Upload", Exact = true }).ClickAsync();

        await Assertions.Expect(page.Page.GetByRole(AriaRole.Progressbar, new() { Name = "Upload" })).ToBeVisibleAsync();
        await ThrottleAsync(devTools, -1);
        await Assertions.Expect(page.Page).ToHaveURLAsync(new System.Text.RegularExpressions.Regex("/datasets/1$"));
        await Assertions.Expect(page.Page.Locator("h1")).ToHaveTextAsync("pets");
        await Assertions.Expect(page.Page.Locator(".ds-balance li")).ToHaveCountAsync(2);
    }

    /// <summary>A large zip is asked about before it travels, a small one after.</summary>
    [SkippableTheory]
    [InlineData(0)]
    [InlineData(400_000)]
    public async Task Zip_WithNamesThatReadWellInSeveralWays_ShowsThemAndTakesTheChoice(int ballast)
    {
        await using var app = DashboardApp.Listening();
        var chinese = System.Text.CodePagesEncodingProvider.Instance.GetEncoding(936)!;
        var zip = new RawZip([.. new[] { "猫/1.jpg", "猫/2.jpg", "狗/1.jpg", "狗/2.jpg" }.Select(name => RawZip.Entry(name, chinese)),
            new RawEntry("notes.txt"u8.ToArray(), new byte[ballast])]).Bytes();
        await using var page = await browser.OpenAsync(app, "/datasets?add=true");
        var posts = new List<string>();
        page.Page.Request += (_, request) =>
        {
            if (request.Method == "POST" && request.Url.Contains("/api/", StringComparison.Ordinal))
                posts.Add(new Uri(request.Url).AbsolutePath);
        };
        await page.Page.SetInputFilesAsync("input[type=file]",
            new FilePayload { Name = "animals.zip", MimeType = "application/zip", Buffer = zip });
        var upload = page.Page.GetByRole(AriaRole.Button, new() { Name = "Upload", Exact = true });
        await upload.ClickAsync();

        await Assertions.Expect(page.Page.Locator("#upload-trouble")).ToContainTextAsync("can be read in several ways");
        await Assertions.Expect(upload).ToBeDisabledAsync();
        page.ForgetErrors(); // The refusal is one, for the browser.
        await page.AssertAccessibleAsync();
        Assert.Equal([ballast == 0 ? "/api/datasets" : "/api/datasets/check"], posts);
        await page.Page.GetByRole(AriaRole.Radio, new() { Name = "Simplified Chinese (GBK)" }).CheckAsync();
        await upload.ClickAsync();

        await Assertions.Expect(page.Page).ToHaveURLAsync(new System.Text.RegularExpressions.Regex("/datasets/1$"));
        await Assertions.Expect(page.Page.Locator(".ds-balance li")).ToHaveCountAsync(2);
        await Assertions.Expect(page.Page.Locator(".ds-balance")).ToContainTextAsync("猫");
    }

    private static async Task ThrottleAsync(ICDPSession devTools, int upload) =>
        await devTools.SendAsync("Network.emulateNetworkConditions", new Dictionary<string, object>
    {
        ["offline"] = false, ["latency"] = 0, ["downloadThroughput"] = -1, ["uploadThroughput"] = upload,
    });
}

using Dashboard.Access.Accounts;
using Dashboard.Storage;
using Microsoft.Playwright;
using Training.Tests.TestKit;

namespace Training.Tests.Access.Accounts;

[Collection(Browser.Name)]
public sealed class AccountsBrowserTests(Browser browser)
{
    private static readonly IReadOnlyDictionary<string, string> Settings =
        new Dictionary<string, string> { ["Dashboard:SignInHere"] = "true" };

    [SkippableTheory]
    [InlineData(ColorScheme.Light, 1360)]
    [InlineData(ColorScheme.Dark, 390)]
    public async Task Admin_FromTheFirstLinkToARevokedToken_DoesItInTheBrowser(ColorScheme scheme, int width)
    {
        await using var app = DashboardApp.Listening(settings: Settings);
        // The link that is printed at the start has a code of its own, which would end this test's one.
        await app.Get<FirstAccountNotice>().StopAsync(default);
        await using var page = await browser.OpenSignedOutAsync(app, "/first-account?code=" + app.Get<FirstAccount>().NewCode(), width,
            scheme);
        await ShootAsync(page, $"first-{width}");
        await page.AssertAccessibleAsync();
        await page.Page.GetByLabel("Name").FillAsync("ada");
        await page.Page.GetByLabel("Password").FillAsync(Elsewhere.Password);
        await page.Page.GetByRole(AriaRole.Button, new() { Name = "Make the account" }).ClickAsync();
        await page.Page.WaitForURLAsync(app.Url.ToString());

        await page.GoAsync(AccountPaths.Accounts);
        var add = page.Page.GetByRole(AriaRole.Form, new() { Name = "Add somebody" });
        await add.GetByLabel("Name", new() { Exact = true }).FillAsync("bob");
        await add.GetByLabel("Password").FillAsync(Elsewhere.Password);
        await add.GetByLabel("Role").SelectOptionAsync("Viewer");
        await add.GetByRole(AriaRole.Button, new() { Name = "Add" }).ClickAsync();
        await page.Page.GetByLabel("Role of bob").SelectOptionAsync("Member");
        await page.Page.GetByLabel("What uses the token").FillAsync("nightly script");
        await page.Page.GetByRole(AriaRole.Button, new() { Name = "Make a token" }).ClickAsync();
        await Assertions.Expect(page.Page.Locator("#token")).ToContainTextAsync("ftd_");
        await ShootAsync(page, $"accounts-{width}");
        await page.AssertFitsAsync();
        await page.AssertAccessibleAsync();
        await page.Page.GetByRole(AriaRole.Button, new() { Name = "Revoke", Exact = true }).ClickAsync();
        await page.Page.Locator(".mud-dialog").GetByRole(AriaRole.Button, new() { Name = "Revoke" }).ClickAsync();
        await Assertions.Expect(page.Page.GetByText("nightly script", new() { Exact = true })).ToHaveCountAsync(0);

        await page.GoAsync("/settings");
        await ShootAsync(page, $"settings-{width}");
        Assert.Equal(["Admin", "Member"], (await app.Get<AccountStore>().ListAsync()).Select(account => account.Role.ToString()));
        Assert.Empty(await app.Get<ApiTokens>().ListAsync());
    }

    [SkippableFact]
    public async Task Viewer_SignedIn_LooksWithoutButtonsAndIsSentOutWhenRemoved()
    {
        await using var app = DashboardApp.Listening(settings: Settings);
        var run = await new RunBuilder(app) { Images = false }.BuildAsync();
        await Elsewhere.AccountAsync(app, AccountRole.Admin);
        var bob = await Elsewhere.AccountAsync(app, AccountRole.Viewer, "bob");
        await using var page = await browser.OpenSignedOutAsync(app, $"/runs/{run.Id}");
        await ShootAsync(page, "sign-in");
        await page.AssertAccessibleAsync();
        await page.Page.GetByLabel("Name").FillAsync("bob");
        await page.Page.GetByLabel("Password").FillAsync(Elsewhere.Password);
        await page.Page.GetByRole(AriaRole.Button, new() { Name = "Sign in" }).ClickAsync();
        await page.LiveAsync();
        Assert.EndsWith($"/runs/{run.Id}", page.Page.Url, StringComparison.Ordinal);
        await Assertions.Expect(page.Page.GetByRole(AriaRole.Heading, new() { Name = run.Name })).ToBeVisibleAsync();
        foreach (var verb in new[] { "Delete", "Rename", "Clone" })
            await Assertions.Expect(page.Page.GetByRole(AriaRole.Button, new() { Name = verb, Exact = true })).ToHaveCountAsync(0);
        await Assertions.Expect(page.Page.GetByRole(AriaRole.Link, new() { Name = "New run" })).ToHaveCountAsync(0);
        await ShootAsync(page, "viewer");

        await app.Get<AccountStore>().ChangeRoleAsync(bob.Id, AccountRole.Member);
        await Assertions.Expect(page.Page.GetByRole(AriaRole.Button, new() { Name = "Rename" })).ToBeVisibleAsync();

        await app.Get<AccountStore>().RemoveAsync(bob.Id);
        await page.Page.WaitForURLAsync("**/sign-in?to=*");
        page.ForgetErrors();
    }

    /// <summary>To look at: set FINE_TUNE_SHOTS to a folder.</summary>
    private static async Task ShootAsync(BrowserPage page, string name)
    {
        if (Environment.GetEnvironmentVariable("FINE_TUNE_SHOTS") is { Length: > 0 } folder)
            await page.Page.ScreenshotAsync(new() { Path = Path.Combine(folder, name + ".png"), FullPage = true });
    }
}

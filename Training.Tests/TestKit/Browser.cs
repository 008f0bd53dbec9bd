using Deque.AxeCore.Commons;
using Deque.AxeCore.Playwright;
using Microsoft.Playwright;

namespace Training.Tests.TestKit;

/// <summary>
/// One headless Chromium for all tests of the collection <see cref="Name"/>, which run one after another.
/// Uses the system's own Chromium: <c>apt-get install chromium</c>.
/// </summary>
[CollectionDefinition(Name)]
public sealed class Browser : ICollectionFixture<Browser>, IAsyncLifetime
{
    public const string Name = "Browser";

    private static readonly string[] Places = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];
    private IPlaywright? _playwright;
    private IBrowser? _chromium;

    public async Task InitializeAsync()
    {
        if (Places.FirstOrDefault(File.Exists) is not { } chromium) return;
        _playwright = await Playwright.CreateAsync();
        _chromium = await _playwright.Chromium.LaunchAsync(new()
        {
            ExecutablePath = chromium,
            Args = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--no-first-run"],
        });
    }

    /// <summary>
    /// A page of its own profile; a failed script or an error on the page's console fails the test at
    /// <see cref="BrowserPage.DisposeAsync"/>.
    /// </summary>
    /// <param name="app">Made by <see cref="DashboardApp.Listening"/>.</param>
    public Task<BrowserPage> OpenAsync(
        DashboardApp app, string path = "/", int width = 1360, int height = 900, ColorScheme scheme = ColorScheme.Light) =>
        OpenAsync(app.Url, path, width, height, scheme);

    /// <param name="url">Of a dashboard that runs, in this process or in one of its own.</param>
    public async Task<BrowserPage> OpenAsync(
        Uri url, string path = "/", int width = 1360, int height = 900, ColorScheme scheme = ColorScheme.Light)
    {
        var page = await NewPageAsync(url, width, height, scheme);
        await page.GoAsync(path);
        return page;
    }

    /// <summary>A page before the sign-in: plain HTML, which never becomes live.</summary>
    public Task<BrowserPage> OpenSignedOutAsync(DashboardApp app, string path, int width = 1360, ColorScheme scheme = ColorScheme.Light) =>
        OpenSignedOutAsync(app.Url, path, width, scheme);

    public async Task<BrowserPage> OpenSignedOutAsync(Uri url, string path, int width = 1360, ColorScheme scheme = ColorScheme.Light)
    {
        var page = await NewPageAsync(url, width, 900, scheme);
        await page.Page.GotoAsync(path);
        return page;
    }

    private async Task<BrowserPage> NewPageAsync(Uri url, int width, int height, ColorScheme scheme)
    {
        Skip.If(_chromium is null, "There is no Chromium on this machine: apt-get install chromium");
        var context = await _chromium!.NewContextAsync(new()
        {
            BaseURL = url.ToString(), ColorScheme = scheme, ViewportSize = new() { Width = width, Height = height },
        });
        return new BrowserPage(await context.NewPageAsync());
    }

    public async Task DisposeAsync()
    {
        if (_chromium is not null) await _chromium.DisposeAsync();
        _playwright?.Dispose();
    }
}

/// <summary>A page under test.</summary>
public sealed class BrowserPage : IAsyncDisposable
{
    private readonly List<string> _errors = [];

    public BrowserPage(IPage page)
    {
        Page = page;
        page.PageError += (_, error) => _errors.Add(error);
        page.Console += (_, message) =>
        {
            if (message.Type == "error") _errors.Add($"{message.Text} ({message.Location})");
        };
    }

    public IPage Page { get; }

    /// <summary>Opens a path and waits until the page answers to clicks.</summary>
    public async Task GoAsync(string path)
    {
        await Page.GotoAsync(path);
        await LiveAsync();
    }

    /// <summary>Waits until the page answers to clicks.</summary>
    public async Task LiveAsync()
    {
        await Page.Locator("[data-live]").First.WaitForAsync(new() { State = WaitForSelectorState.Attached });
    }

    /// <summary>The test's story has errors, such as lost connections.</summary>
    public bool ExpectsErrors { get; set; }

    /// <summary>Errors that belong to the test's story, such as a lost connection.</summary>
    public void ForgetErrors() => _errors.Clear();

    /// <summary>No violation of WCAG 2 A and AA, contrast included.</summary>
    public async Task AssertAccessibleAsync()
    {
        var result = await Page.RunAxe(new AxeRunOptions
        {
            RunOnly = new RunOnlyOptions { Type = "tag", Values = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"] },
        });
        Assert.True(result.Violations.Length == 0, string.Join("\n", result.Violations.SelectMany(violation =>
            violation.Nodes.Select(node =>
                $"{violation.Id}: {violation.Help}: {node.Html} ({string.Join("; ", node.Any.Select(check => check.Message))})"))));
    }

    /// <summary>Nothing sticks out at the side.</summary>
    public async Task AssertFitsAsync()
    {
        var wide = await Page.EvaluateAsync<int>("document.documentElement.scrollWidth - innerWidth");
        Assert.True(wide <= 0, $"The page is {wide} px wider than the window.");
    }

    public async ValueTask DisposeAsync()
    {
        await Page.Context.DisposeAsync();
        if (!ExpectsErrors) Assert.Empty(_errors);
    }
}

using Dashboard.Pages.Shell;
using Training.Tests.TestKit;
using Training.Tests.TestProcesses;

namespace Training.Tests.Pages.SlowNetwork;

[Collection(Browser.Name)]
public sealed class ScriptTests(Browser browser)
{
    /// <summary>Calls everything that a module offers as if the element had gone while the call was on its way.</summary>
    private const string CallAll = """
        async address => {
          const failures = [];
          const module = await import(address);
          for (const [name, act] of Object.entries(module))
            for (const element of [null, Object.assign(document.createElement('input'), { type: 'file' })])
              try { await act(element, { invokeMethodAsync: async () => null }, { points: [], lines: [], settings: null }); }
              catch (error) { failures.push(`${address} ${name}(${element === null ? 'null' : 'an element'}): ${error.message}`); }
          return failures;
        }
        """;

    [SkippableFact]
    public async Task Call_OfAnyScriptWhoseElementIsGone_IsForNobodyAndNoError()
    {
        await using var app = DashboardApp.Listening();
        await using var page = await browser.OpenAsync(app, "/settings");
        // Those that components call; what they import of each other takes no elements.
        var called = string.Concat(Directory.EnumerateFiles(Checkout.In("Dashboard", "Pages"), "*", SearchOption.AllDirectories)
            .Select(File.ReadAllText));
        var modules = Directory.EnumerateFiles(Checkout.In("wwwroot-assets", "js"), "*.js")
            .Where(file => File.ReadAllText(file).Contains("export ", StringComparison.Ordinal)).Select(file => Path.GetFileName(file))
            .Where(name => called.Contains($"js/{name}\"", StringComparison.Ordinal)).ToList();

        List<string> failures = [];
        foreach (var module in modules)
            failures.AddRange(await page.Page.EvaluateAsync<string[]>(CallAll, AssetUrl.Of($"js/{module}")));

        Assert.True(failures.Count == 0, string.Join('\n', failures));
        Assert.InRange(modules.Count, 7, 100);
    }
}

using Microsoft.Playwright;
using Training.Tests.TestKit;
using Training.Tests.TestProcesses;

namespace Training.Tests.Pages.SlowNetwork;

[Collection(Browser.Name)]
public sealed class TypingTests(Browser browser)
{
    private const string Fields =
        "input:not([type=checkbox],[type=radio],[type=file],[type=range],[type=hidden],[readonly],[disabled]), textarea:not([disabled])";

    [SkippableFact]
    public async Task Field_OfAnyPageTypedInOverASlowNetwork_KeepsEveryLetter()
    {
        await using var app = DashboardApp.Listening();
        var paths = await AllPages.OfAsync(app);
        await using var slow = CutProxy.Slow(app.Url);
        await using var page = await browser.OpenAsync(slow.Url, "/");
        page.ExpectsErrors = true;
        List<string> lost = [];
        var tried = 0;
        foreach (var path in paths)
        {
            await page.GoAsync(path);
            foreach (var field in await page.Page.Locator(Fields).AllAsync())
            {
                if (!await field.IsVisibleAsync()) continue;
                tried++;
                if (await TypedAsync(field) is { } wrong) lost.Add($"{path}: {wrong}");
            }
        }

        Assert.True(lost.Count == 0, string.Join('\n', lost));
        // The search of runs, of machines, the form's name and rate, a folder's path … : fewer would mean that they weren't found.
        Assert.InRange(tried, 10, 1_000);
    }

    /// <returns>What stands in the field instead of what was typed; null when it is that.</returns>
    private static async Task<string?> TypedAsync(ILocator field)
    {
        var isNumber = await field.EvaluateAsync<bool>("field => field.type === 'number' || ['decimal', 'numeric'].includes(field.inputMode)");
        var text = isNumber ? "12" : "scratch 한글";
        await field.ClickAsync();
        await field.FillAsync("");
        await field.PressSequentiallyAsync(text, new() { Delay = 30 });
        // Longer than answers to all keys take.
        await Task.Delay(600);
        var value = await field.InputValueAsync();
        var name = await field.EvaluateAsync<string>("field => field.getAttribute('aria-label') || field.name || field.id || field.placeholder");
        await field.EvaluateAsync("field => field.blur()");
        return value == text ? null : $"“{name}” has “{value}” after “{text}” was typed";
    }
}

using Microsoft.Playwright;
using Training.Tests.TestKit;

namespace Training.Tests.Pages.SlowNetwork;

[Collection(Browser.Name)]
public sealed class FocusTests(Browser browser)
{
    private const int MostStops = 80;

    /// <summary>Where the focus is: its name for screen readers, whether a ring of two pixels is around it or what it stands for.</summary>
    private const string Here = """
        () => {
          const at = document.activeElement;
          if (!at || at === document.body) return null;
          const labelled = [...(at.labels ?? [])].map(label => label.textContent).join(' ');
          const name = at.getAttribute('aria-label') || at.getAttribute('aria-labelledby') || labelled || at.textContent || at.title
            || at.placeholder || at.querySelector('img')?.alt || '';
          let ring = false, around = at;
          for (let i = 0; around && i < 5; i++, around = around.parentElement) {
            const style = getComputedStyle(around);
            if (style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2) ring = true;
          }
          const field = at.closest('.mud-input-control')?.querySelector('.mud-input-outlined-border');
          if (field && parseFloat(getComputedStyle(field).borderTopWidth) >= 2) ring = true;
          window.__stops ??= new WeakSet();
          const seen = window.__stops.has(at);
          window.__stops.add(at);
          return { name: name.trim(), ring, seen, html: at.outerHTML.slice(0, 160) };
        }
        """;

    [SkippableTheory]
    [InlineData(ColorScheme.Light)]
    [InlineData(ColorScheme.Dark)]
    public async Task Tab_ThroughEveryPage_ShowsWhereItIsAndHasAName(ColorScheme scheme)
    {
        await using var app = DashboardApp.Listening();
        var paths = await AllPages.OfAsync(app);
        await using var page = await browser.OpenAsync(app, "/", scheme: scheme);
        List<string> hidden = [];
        var stops = 0;
        foreach (var path in paths)
        {
            await page.GoAsync(path);
            for (var stop = 0; stop < MostStops; stop++)
            {
                await page.Page.Keyboard.PressAsync("Tab");
                if (await page.Page.EvaluateAsync<Stop?>(Here) is not { } here || here.Seen) break;
                stops++;
                if (!here.Ring) hidden.Add($"{path}: no ring around {here.Html}");
                if (here.Name.Length == 0) hidden.Add($"{path}: no name of {here.Html}");
            }
        }

        Assert.True(hidden.Count == 0, string.Join('\n', hidden.Distinct()));
        Assert.InRange(stops, paths.Count * 5, int.MaxValue);
    }

    private sealed record Stop
    {
        public string Name { get; init; } = "";

        public bool Ring { get; init; }

        public bool Seen { get; init; }

        public string Html { get; init; } = "";
    }
}

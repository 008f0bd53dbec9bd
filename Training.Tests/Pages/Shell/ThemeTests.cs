using System.Text.RegularExpressions;
using Dashboard.Pages.Shell;
using MudBlazor;
using MudBlazor.Utilities;
using Training.Tests.TestProcesses;

namespace Training.Tests.Pages.Shell;

public sealed class ThemeTests
{
    [Theory]
    [InlineData(":root", false)]
    [InlineData("[data-theme=dark]", true)]
    public void Palette_OfEachScheme_HasTheTokensOfTheStyleSheet(string selector, bool dark)
    {
        Palette palette = dark ? Theme.Of.PaletteDark : Theme.Of.PaletteLight;
        var tokens = Tokens(selector);

        Assert.Equal(tokens["--bg"], palette.Background);
        Assert.Equal(tokens["--panel"], palette.Surface);
        Assert.Equal(tokens["--line"], palette.LinesDefault);
        Assert.Equal(tokens["--ink"], palette.TextPrimary);
        Assert.Equal(tokens["--soft"], palette.TextSecondary);
        Assert.Equal(tokens["--pri"], palette.Primary);
        Assert.Equal(tokens["--on-pri"], palette.PrimaryContrastText);
        Assert.Equal(tokens["--ok"], palette.Success);
        Assert.Equal(tokens["--bad"], palette.Error);
        Assert.Equal(tokens["--warn"], palette.Warning);
    }

    [Theory]
    [InlineData(null, ColourScheme.System, false)]
    [InlineData("system-dark", ColourScheme.System, true)]
    [InlineData("system-light", ColourScheme.System, false)]
    [InlineData("dark", ColourScheme.Dark, true)]
    [InlineData("light", ColourScheme.Light, false)]
    [InlineData("<script>", ColourScheme.System, false)]
    public void ThemeChoice_OfACookie_IsWhatTheBrowserRemembered(string? cookie, ColourScheme scheme, bool isDark) =>
        Assert.Equal(new ThemeChoice(scheme, isDark), ThemeChoice.Parse(cookie));

    private static Dictionary<string, MudColor> Tokens(string selector)
    {
        var css = File.ReadAllText(Checkout.In("wwwroot-assets", "css", "app.css"));
        var start = css.IndexOf(selector + " {", StringComparison.Ordinal);
        var block = css[start..css.IndexOf('}', start)];
        return Regex.Matches(block, @"(--[\w-]+): (#[0-9a-f]{3,6});")
            .ToDictionary(match => match.Groups[1].Value, match => new MudColor(match.Groups[2].Value));
    }
}

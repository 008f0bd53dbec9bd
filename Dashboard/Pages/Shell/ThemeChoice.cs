namespace Dashboard.Pages.Shell;

public enum ColourScheme { System, Light, Dark }

/// <summary>What someone chose, and whether that is dark at the moment; remembered by the browser (js/theme.js).</summary>
public sealed record ThemeChoice(ColourScheme Scheme, bool IsDark)
{
    public static ThemeChoice Default { get; } = new(ColourScheme.System, false);

    /// <param name="cookie">"system-light", "system-dark", "light" or "dark"; anything else is the default.</param>
    public static ThemeChoice Parse(string? cookie) => cookie switch
    {
        "system-dark" => new(ColourScheme.System, true),
        "light" => new(ColourScheme.Light, false),
        "dark" => new(ColourScheme.Dark, true),
        _ => Default,
    };
}

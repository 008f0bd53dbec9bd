namespace Dashboard.Access.Accounts;

/// <summary>What a browser calls itself, in words by which people know it again.</summary>
internal static class BrowserName
{
    // In this order: most of them also call themselves Chrome and Safari.
    private static readonly (string Sign, string Name)[] Browsers =
    [
        ("Edg", "Edge"), ("OPR/", "Opera"), ("SamsungBrowser/", "Samsung Internet"), ("Whale/", "Whale"), ("Firefox/", "Firefox"),
            ("FxiOS/", "Firefox"),
        ("CriOS/", "Chrome"), ("Chromium/", "Chromium"), ("Chrome/", "Chrome"), ("Safari/", "Safari"),
    ];

    private static readonly (string Sign, string Name)[] Systems =
        [("Windows", "Windows"), ("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"), ("CrOS", "ChromeOS"),
            ("Mac OS X", "macOS"), ("Linux", "Linux")];

    /// <param name="agent">The header User-Agent.</param>
    /// <returns>Such as "Firefox on Linux"; empty when it says neither.</returns>
    public static string Of(string agent)
    {
        var (browser, system) = (Find(Browsers, agent), Find(Systems, agent));
        return browser is null ? system ?? "" : system is null ? browser : $"{browser} on {system}";
    }

    private static string? Find((string Sign, string Name)[] known, string agent) =>
        known.FirstOrDefault(one => agent.Contains(one.Sign, StringComparison.Ordinal)).Name;
}

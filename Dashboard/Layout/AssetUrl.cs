namespace Dashboard.Layout;

/// <summary>Addresses of our own files under wwwroot-assets, changed by every build so that a browser never runs an older one.</summary>
public static class AssetUrl
{
    public static string Version { get; } = typeof(AssetUrl).Assembly.ManifestModule.ModuleVersionId.ToString("N")[..8];

    /// <param name="path">Below wwwroot-assets, such as "js/page.js".</param>
    public static string Of(string path) => $"/assets/{path}?v={Version}";
}

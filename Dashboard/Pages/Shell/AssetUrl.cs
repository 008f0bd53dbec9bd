using System.Text.Json.Nodes;

namespace Dashboard.Pages.Shell;

/// <summary>
/// Addresses of our own files (wwwroot-assets), of packages' and of the framework's: with the fingerprint of the content in their names, so
/// that a browser keeps them and never runs an older one.
/// </summary>
public static class AssetUrl
{
    private static readonly Lazy<Dictionary<string, string>> Fingerprinted = new(Read);

    /// <param name="path">Of our own, below wwwroot-assets, such as "js/page.js".</param>
    public static string Of(string path) => OfPackage($"assets/{path}");

    /// <param name="path">As its package has it, such as "_content/MudBlazor/MudBlazor.min.css".</param>
    public static string OfPackage(string path) => "/" + Fingerprinted.Value.GetValueOrDefault(path, path);

    /// <summary>From what the build knows of each file: its route, and as its label the route without the fingerprint.</summary>
    private static Dictionary<string, string> Read()
    {
        var routes = new Dictionary<string, string>(StringComparer.Ordinal);
        var manifest = Path.Combine(AppContext.BaseDirectory, "Dashboard.staticwebassets.endpoints.json");
        if (!File.Exists(manifest)) return routes;
        using var stream = File.OpenRead(manifest);
        foreach (var endpoint in JsonNode.Parse(stream)?["Endpoints"]?.AsArray() ?? [])
            if (Property(endpoint, "label") is { } label && endpoint!["Selectors"]?.AsArray().Count == 0)
                routes[label] = endpoint["Route"]!.GetValue<string>();
        return routes;
    }

    private static string? Property(JsonNode? endpoint, string name) => endpoint?["EndpointProperties"]?.AsArray()
        .FirstOrDefault(property => property?["Name"]?.GetValue<string>() == name)?["Value"]?.GetValue<string>();
}

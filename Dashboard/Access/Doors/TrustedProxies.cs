using System.Net;
using Microsoft.AspNetCore.HttpOverrides;

namespace Dashboard.Access.Doors;

/// <summary>The proxies whose word counts for where a request comes from; nobody else's X-Forwarded headers are believed.</summary>
internal static class TrustedProxies
{
    /// <summary>Why the setting can't be used, in words; null when it can.</summary>
    public static string? Problem(string setting) =>
        Entries(setting).FirstOrDefault(entry => Parse(entry) is null) is { } wrong
            ? $"'{wrong}' is not an address such as 192.168.1.5, nor a network such as 10.0.0.0/8. Separate several by semicolons."
            : null;

    public static void Configure(ForwardedHeadersOptions headers, string setting)
    {
        headers.ForwardedHeaders = ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto | ForwardedHeaders.XForwardedHost;
        headers.KnownProxies.Clear();
        headers.KnownIPNetworks.Clear();
        // Several in a row, as long as each is known.
        headers.ForwardLimit = null;
        foreach (var network in Entries(setting).Select(Parse).OfType<System.Net.IPNetwork>()) headers.KnownIPNetworks.Add(network);
    }

    private static string[] Entries(string setting) =>
        setting.Split([';', ',', ' '], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    private static System.Net.IPNetwork? Parse(string entry) =>
        IPAddress.TryParse(entry, out var address) ? new System.Net.IPNetwork(address, address.GetAddressBytes().Length * 8)
        : System.Net.IPNetwork.TryParse(entry, out var network) ? network : null;
}

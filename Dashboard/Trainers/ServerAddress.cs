using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;

namespace Dashboard.Trainers;

/// <summary>Where a trainer on this machine reaches this dashboard. Known once the server listens.</summary>
internal sealed class ServerAddress(IServer server)
{
    /// <exception cref="InvalidOperationException">The server listens nowhere (yet).</exception>
    public Uri Local
    {
        get
        {
            var addresses = server.Features.Get<IServerAddressesFeature>()?.Addresses ?? [];
            return Choose(addresses) ?? throw new InvalidOperationException("The dashboard listens on no address that a trainer could reach.");
        }
    }

    /// <summary>Plain HTTP before HTTPS, whose certificate a trainer may not trust; a wildcard host becomes the loopback address.</summary>
    internal static Uri? Choose(IEnumerable<string> addresses) =>
        addresses
            .Select(address => address.Replace("//*", "//127.0.0.1", StringComparison.Ordinal)
                .Replace("//+", "//127.0.0.1", StringComparison.Ordinal)
                .Replace("//0.0.0.0", "//127.0.0.1", StringComparison.Ordinal)
                .Replace("//[::]", "//127.0.0.1", StringComparison.Ordinal))
            .Select(address => Uri.TryCreate(address, UriKind.Absolute, out var uri) ? uri : null)
            .Where(uri => uri is { Scheme: "http" or "https" })
            .OrderBy(uri => uri!.Scheme == "http" ? 0 : 1)
            .FirstOrDefault();
}

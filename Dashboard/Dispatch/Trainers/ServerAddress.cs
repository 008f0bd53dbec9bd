using Dashboard.Dispatch.Words;
using Dashboard.Processes;
using Dashboard.Storage;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.Options;
using Training.Core.Runs;

namespace Dashboard.Dispatch.Trainers;

/// <summary>Where a trainer on this machine reaches this dashboard, or another one in its place. Known once the server listens.</summary>
internal sealed class ServerAddress(IServer server, IOptions<DashboardOptions> options)
{
    /// <summary>The setting Dashboard:Address, such as a proxy before several dashboards; without it <see cref="Local"/>.</summary>
    public Uri ForTrainers => options.Value.Address.Length > 0 ? new Uri(options.Value.Address) : Local;

    /// <exception cref="NoAddressException">The server listens nowhere (yet).</exception>
    public Uri Local
    {
        get
        {
            var addresses = server.Features.Get<IServerAddressesFeature>()?.Addresses ?? [];
            return Choose(addresses) ?? throw new NoAddressException();
        }
    }

    /// <summary>Plain HTTP before HTTPS, whose certificate a trainer may not trust; a wildcard host becomes the loopback address.</summary>
    internal static Uri? Choose(IEnumerable<string> addresses) =>
        addresses
            .Where(address => !address.Contains("//unix:", StringComparison.Ordinal))
            .Select(address => address.Replace("//*", "//127.0.0.1", StringComparison.Ordinal)
                .Replace("//+", "//127.0.0.1", StringComparison.Ordinal)
                .Replace("//0.0.0.0", "//127.0.0.1", StringComparison.Ordinal)
                .Replace("//[::]", "//127.0.0.1", StringComparison.Ordinal))
            .Select(address => Uri.TryCreate(address, UriKind.Absolute, out var uri) ? uri : null)
            .Where(uri => uri is { Scheme: "http" or "https" })
            .OrderBy(uri => uri!.Scheme == "http" ? 0 : 1)
            .FirstOrDefault();
}

/// <summary>No trainer could reach this dashboard.</summary>
internal sealed class NoAddressException() : RefusalException(AttemptWords.NoAddress);


/// <summary>Tells the trainer of a run where the dashboard is now: it may come back on another port while the training goes on.</summary>
internal static class ServerFile
{
    private const string Name = "server.txt";

    public static void Write(RunFolder folder, Uri server) =>
        AtomicFile.WriteText(Path.Combine(folder.Path, Name), server.ToString());

    /// <summary>Null when nothing usable stands there.</summary>
    public static Uri? Read(RunFolder folder)
    {
        try
        {
            return Uri.TryCreate(File.ReadAllText(Path.Combine(folder.Path, Name)).Trim(), UriKind.Absolute, out var server)
                ? server : null;
        }
        catch (IOException)
        {
            return null;
        }
    }
}

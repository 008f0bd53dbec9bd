using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Dashboard.Storage;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Options;

namespace Dashboard;

/// <summary>What keeps the dashboard from starting.</summary>
public static class StartProblem
{
    private const int PortsTried = 100;

    /// <summary>Before anything runs: otherwise the trainers of queued runs would be launched for a server that ends at once.</summary>
    /// <exception cref="StartException">Another program listens there.</exception>
    public static void ThrowIfPortTaken(IConfiguration configuration)
    {
        foreach (var address in Addresses(configuration))
            if (address.Port != 0 && IsTaken(address)) throw Taken(address);
    }

    /// <summary>The server's own words for it speak of developers' certificates.</summary>
    /// <exception cref="StartException">An address is to be https, and no certificate is named.</exception>
    public static void ThrowIfNoCertificate(IConfiguration configuration, DashboardOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (options.Certificate.Length > 0 || configuration.GetSection("Kestrel:Certificates:Default").Exists()) return;
        if (Addresses(configuration).FirstOrDefault(address => address.Scheme.Equals("https", StringComparison.OrdinalIgnoreCase)) is { } secure)
            throw new StartException($"{secure} needs a certificate: name a PEM or PFX file with --Dashboard:Certificate=FILE (and --Dashboard:CertificateKey=FILE or --Dashboard:CertificatePassword=…), or listen on http.");
    }

    /// <summary>The words for what went wrong at the start; null when it is a fault of the program, whose stack trace is wanted.</summary>
    public static string? Explain(Exception exception) => exception switch
    {
        StartException or StorageException => exception.Message,
        OptionsValidationException options => string.Join(Environment.NewLine, options.Failures),
        // The port was free a moment ago.
        IOException { InnerException: AddressInUseException } => exception.Message,
        _ => null,
    };

    private static IEnumerable<BindingAddress> Addresses(IConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        foreach (var url in (configuration["Urls"] ?? "").Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            BindingAddress address;
            try
            {
                address = BindingAddress.Parse(url);
            }
            catch (FormatException)
            {
                throw new StartException($"'{url}' is not an address to listen on. Start with --urls http://127.0.0.1:5080.");
            }
            yield return address;
        }
    }

    private static StartException Taken(BindingAddress address)
    {
        var free = Enumerable.Range(address.Port + 1, PortsTried)
            .FirstOrDefault(port => port <= IPEndPoint.MaxPort && !IsTaken(IPAddress.Loopback, port), IPEndPoint.MinPort);
        var host = address.Host is "" or "*" or "+" ? "127.0.0.1" : address.Host;
        var other = string.Create(CultureInfo.InvariantCulture, $"{address.Scheme}://{host}:{free}");
        return new StartException(string.Create(CultureInfo.InvariantCulture,
            $"Port {address.Port} is taken by another program, maybe by a dashboard that runs already: look at {address.Scheme}://{host}:{address.Port}, or start with --urls {other}"));
    }

    private static bool IsTaken(BindingAddress address) =>
        IPAddress.TryParse(address.Host, out var ip) ? IsTaken(ip, address.Port)
        : address.Host.Equals("localhost", StringComparison.OrdinalIgnoreCase) ? IsTaken(IPAddress.Loopback, address.Port)
        : IsTaken(IPAddress.Any, address.Port);

    private static bool IsTaken(IPAddress ip, int port)
    {
        try
        {
            using var listener = new TcpListener(ip, port);
            listener.Start();
            return false;
        }
        catch (SocketException exception) when (exception.SocketErrorCode == SocketError.AddressAlreadyInUse)
        {
            return true;
        }
        catch (SocketException)
        {
            // Something else is wrong with the address; the server says it better.
            return false;
        }
    }
}

/// <summary>Why the dashboard can't start, in words for the terminal.</summary>
public sealed class StartException(string message) : Exception(message);

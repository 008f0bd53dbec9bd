using System.Net.Sockets;
using System.Security.Cryptography;
using Dashboard.Access.Doors;
using Dashboard.Processes;
using Dashboard.Storage;
using Microsoft.Extensions.Options;

namespace Dashboard;

/// <summary>What keeps the dashboard from starting.</summary>
public static class StartProblem
{
    /// <summary>Before anything is made on the disk.</summary>
    /// <exception cref="StartException">The addresses can't be listened on.</exception>
    internal static void ThrowIfNoAddress(IConfiguration configuration, DashboardOptions options)
    {
        var addresses = ListenAddresses.Read(configuration);
        ThrowIfNoCertificate(configuration, addresses, options);
        ListenAddresses.Require(addresses);
    }

    /// <summary>The words for what went wrong at the start; null when it is a fault of the program, whose stack trace is wanted.</summary>
    public static string? Explain(Exception exception) => exception switch
    {
        RefusalException => exception.Message,
        OptionsValidationException options => string.Join(Environment.NewLine, options.Failures),
        // appsettings.json, or what the section Kestrel in it says.
        InvalidDataException { InnerException: { } inner } => $"{exception.Message} {inner.Message}",
        CryptographicException => $"The certificate that the settings under Kestrel name can't be read: {exception.Message}",
        // The port was free a moment ago; a folder can't be read or watched.
        IOException or UnauthorizedAccessException or SocketException => exception.Message,
        _ => null,
    };

    /// <summary>The server's own words for it speak of developers' certificates.</summary>
    private static void ThrowIfNoCertificate(
        IConfiguration configuration, IReadOnlyList<BindingAddress> addresses, DashboardOptions options)
    {
        if (options.Certificate.Length > 0 || configuration.GetSection("Kestrel:Certificates:Default").Exists()) return;
        if (addresses.FirstOrDefault(address => address.Scheme.Equals("https", StringComparison.OrdinalIgnoreCase)) is { } secure)
            throw new StartException($"{secure} needs a certificate: name a PEM or PFX file with --Dashboard:Certificate=FILE (and "
                + "--Dashboard:CertificateKey=FILE or --Dashboard:CertificatePassword=…), or listen on http.");
    }
}

using System.Globalization;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Dashboard.Storage;
using Microsoft.AspNetCore.Server.Kestrel.Https;

namespace Dashboard.Access.Doors;

/// <summary>The certificate of the https addresses, from a PEM file with its key or from a PFX file.</summary>
internal static class ServerCertificate
{
    private static readonly string[] PfxEndings = [".pfx", ".p12"];

    /// <summary>Why it can't be used, beginning with the key of the setting; null when it can, or none is named.</summary>
    public static string? Problem(DashboardOptions options)
    {
        const string section = DashboardOptions.Section + ":";
        if (options.Certificate.Length == 0)
            return options.CertificateKey.Length + options.CertificatePassword.Length > 0
                ? $"{section}Certificate is missing: it names the file that CertificateKey and CertificatePassword belong to." : null;
        if (!File.Exists(options.Certificate)) return $"{section}Certificate: there is no file {options.Certificate}.";
        if (options.CertificateKey.Length > 0 && !File.Exists(options.CertificateKey))
            return $"{section}CertificateKey: there is no file {options.CertificateKey}.";
        try
        {
            using var certificate = Load(options).Certificate;
            var problem = certificate.HasPrivateKey ? DateProblem(certificate, TimeProvider.System.GetUtcNow()) : "holds no private key.";
            return problem is null ? null : $"{section}Certificate: {options.Certificate} {problem}";
        }
        catch (Exception exception)
            when (exception is CryptographicException or ArgumentException or IOException or UnauthorizedAccessException)
        {
            return IsPfx(options)
                ? $"{section}Certificate: {options.Certificate} can't be opened as a PFX file; is Dashboard:CertificatePassword right? "
                    + $"({exception.Message})"
                : $"{section}Certificate: {options.Certificate} can't be read as a PEM certificate with its private key, which lies in "
                    + "the same file or in the one that Dashboard:CertificateKey names; is Dashboard:CertificatePassword right, if it "
                    + $"has one? ({exception.Message})";
        }
    }

    /// <summary>Browsers and machines would refuse it, each with words of its own.</summary>
    private static string? DateProblem(X509Certificate2 certificate, DateTimeOffset now) =>
        now > certificate.NotAfter
        ? string.Create(CultureInfo.InvariantCulture,
            $"expired on {certificate.NotAfter:d MMMM yyyy}. Put the renewed one there, or listen on http.")
        : now < certificate.NotBefore
        ? string.Create(CultureInfo.InvariantCulture,
            $"is good from {certificate.NotBefore:d MMMM yyyy} on only. Check this computer's clock, or wait.")
        : null;

    public static void Configure(HttpsConnectionAdapterOptions https, DashboardOptions options) =>
        (https.ServerCertificate, https.ServerCertificateChain) = Load(options);

    private static (X509Certificate2 Certificate, X509Certificate2Collection Chain) Load(DashboardOptions options)
    {
        var chain = new X509Certificate2Collection();
        if (IsPfx(options))
        {
            chain = X509CertificateLoader.LoadPkcs12CollectionFromFile(options.Certificate, options.CertificatePassword);
            return (chain.FirstOrDefault(one => one.HasPrivateKey) ?? chain[0], chain);
        }
        var key = options.CertificateKey.Length > 0 ? options.CertificateKey : options.Certificate;
        using var own = options.CertificatePassword.Length > 0
            ? X509Certificate2.CreateFromEncryptedPemFile(options.Certificate, options.CertificatePassword, key)
            : X509Certificate2.CreateFromPemFile(options.Certificate, key);
        chain.ImportFromPemFile(options.Certificate);
        // Windows can't serve with a key that lies in memory only.
        return (X509CertificateLoader.LoadPkcs12(own.Export(X509ContentType.Pkcs12), null), chain);
    }

    private static bool IsPfx(DashboardOptions options) =>
        PfxEndings.Contains(Path.GetExtension(options.Certificate), StringComparer.OrdinalIgnoreCase);
}

using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Dashboard.Access.Doors;
using Dashboard.Storage;
using Training.Tests.TestKit;
using Training.Tests.TestProcesses;

namespace Training.Tests.Access.Doors;

public sealed class ServerCertificateTests : IDisposable
{
    private const string Password = "of the key";

    private readonly TemporaryFolder _folder = new();

    [Theory]
    [InlineData("pem", false)]
    [InlineData("pem", true)]
    [InlineData("one", false)]
    [InlineData("pfx", true)]
    public async Task Https_WithACertificate_IsServed(string form, bool locked)
    {
        var settings = Write(form, locked);

        await using var dashboard = await DashboardProcess.StartAsync(_folder.In("data"),
            ["--urls", "https://127.0.0.1:0", "--Dashboard:TrainHere", "false", .. settings]);

        string? subject = null;
        using var handler = new HttpClientHandler
        {
            ServerCertificateCustomValidationCallback = (_, certificate, _, _) => (subject = certificate?.Subject) is not null,
        };
        using var client = new HttpClient(handler) { BaseAddress = dashboard.Url };
        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync("/health")).StatusCode);
        Assert.Equal("CN=box.example", subject);
    }

    [Fact]
    public async Task Https_WithoutACertificate_EndsTheStartWithOneSentence()
    {
        var (exitCode, output) = await DashboardProcess.StartInVainAsync(_folder.In("data"), "--urls", "https://127.0.0.1:5443");

        Assert.NotEqual(0, exitCode);
        Assert.StartsWith("https://127.0.0.1:5443 needs a certificate: name a PEM or PFX file with --Dashboard:Certificate=FILE", output,
            StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain('\n', output);
    }

    [Theory]
    [InlineData("Dashboard:Certificate: there is no file ", "--Dashboard:Certificate", "gone.pem")]
    [InlineData("Dashboard:CertificateKey: there is no file ", "--Dashboard:Certificate", "box.pem", "--Dashboard:CertificateKey",
        "gone.key")]
    [InlineData("Dashboard:Certificate: ", "--Dashboard:Certificate", "box.pem")]
    [InlineData("Dashboard:Certificate: ", "--Dashboard:Certificate", "box.pem", "--Dashboard:CertificateKey", "locked.key",
        "--Dashboard:CertificatePassword", "wrong")]
    [InlineData("Dashboard:Certificate: ", "--Dashboard:Certificate", "box.pfx", "--Dashboard:CertificatePassword", "wrong")]
    [InlineData("Dashboard:Certificate is missing", "--Dashboard:CertificatePassword", "alone")]
    [InlineData("Dashboard:TrustedProxies: 'proxy.example' is not an address", "--Dashboard:TrustedProxies", "10.0.0.1;proxy.example")]
    public async Task Settings_ThatCantBeUsed_EndTheStartWithOneSentence(string sentence, params string[] settings)
    {
        Write("pem", locked: false);
        Write("pfx", locked: true);
        string[] placed = [.. settings.Select(setting => setting.Contains('.', StringComparison.Ordinal)
            && !setting.Contains(';', StringComparison.Ordinal) ? _folder.In(setting) : setting)];

        var (exitCode, output) = await DashboardProcess.StartInVainAsync(_folder.In("data"), placed);

        Assert.NotEqual(0, exitCode);
        Assert.StartsWith(sentence, output, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', output);
    }

    [Theory]
    [InlineData(-10, -1, "expired on ")]
    [InlineData(1, 10, "is good from ")]
    public void Certificate_OutsideItsDates_IsExplained(int from, int to, string words)
    {
        var settings = Write("one", locked: false, from, to);

        var problem = ServerCertificate.Problem(new DashboardOptions { Certificate = settings[1] });

        Assert.StartsWith($"Dashboard:Certificate: {settings[1]} {words}", problem, StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Dispose();

    /// <returns>The settings that name it.</returns>
    private string[] Write(string form, bool locked, int from = -1, int to = 1)
    {
        using var key = RSA.Create(2048);
        var now = TimeProvider.System.GetUtcNow();
        using var certificate = new CertificateRequest("CN=box.example", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)
            .CreateSelfSigned(now.AddDays(from), now.AddDays(to));
        var (pem, pfx) = (_folder.In("box.pem"), _folder.In("box.pfx"));
        var keyFile = _folder.In(locked ? "locked.key" : "box.key");
        var keyText = locked
            ? key.ExportEncryptedPkcs8PrivateKeyPem(Password,
                new PbeParameters(PbeEncryptionAlgorithm.Aes256Cbc, HashAlgorithmName.SHA256, 1000))
            : key.ExportPkcs8PrivateKeyPem();
        string[] password = locked ? ["--Dashboard:CertificatePassword", Password] : [];
        switch (form)
        {
            case "pfx":
                File.WriteAllBytes(pfx, certificate.Export(X509ContentType.Pkcs12, locked ? Password : null));
                return ["--Dashboard:Certificate", pfx, .. password];
            case "one":
                File.WriteAllText(pem, certificate.ExportCertificatePem() + "\n" + keyText);
                return ["--Dashboard:Certificate", pem, .. password];
            default:
                File.WriteAllText(pem, certificate.ExportCertificatePem());
                File.WriteAllText(keyFile, keyText);
                File.WriteAllText(_folder.In("locked.key"),
                    key.ExportEncryptedPkcs8PrivateKeyPem(Password,
                        new PbeParameters(PbeEncryptionAlgorithm.Aes256Cbc, HashAlgorithmName.SHA256, 1000)));
                return ["--Dashboard:Certificate", pem, "--Dashboard:CertificateKey", keyFile, .. password];
        }
    }
}

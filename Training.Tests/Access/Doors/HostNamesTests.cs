using System.Net.Sockets;
using System.Text;
using Dashboard.Access.Doors;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Training.Tests.TestKit;

namespace Training.Tests.Access.Doors;

/// <summary>Which names count as this computer's own, as they come over the wire.</summary>
public sealed class HostNamesTests : IAsyncDisposable
{
    private readonly DashboardApp _app = DashboardApp.Listening();

    [Theory]
    [InlineData("localhost", true)]
    [InlineData("LocalHost:5080", true)]
    [InlineData("127.0.0.1:65535", true)]
    [InlineData("[::1]:5080", true)]
    [InlineData("", false)]
    [InlineData("localhost\t", false)]
    [InlineData("localhost ", false)]
    [InlineData(" localhost", false)]
    [InlineData("localhost.", false)]
    [InlineData("localhost,evil.example", false)]
    [InlineData("localhost:", false)]
    [InlineData("localhost:evil", false)]
    [InlineData("localhost:80:80", false)]
    [InlineData("localhost:-1", false)]
    [InlineData("localhost:0", false)]
    [InlineData("[::1", false)]
    [InlineData("[::1]evil", false)]
    [InlineData("127.0.0.1.evil.example", false)]
    [InlineData("127.1", false)]
    [InlineData("0.0.0.0", false)]
    public void Name_ThatIsNotWrittenAsABrowserWritesIt_IsNotThisComputers(string host, bool own) =>
        Assert.Equal(own, new OwnNames(new ConfigurationBuilder().Build()).Contains(new HostString(host)));

    [Theory]
    [InlineData("GET /api/runs HTTP/1.1", "Host: localhost", "200")]
    [InlineData("GET /api/runs HTTP/1.1", "Host: [::1]", "200")]
    [InlineData("GET /api/runs HTTP/1.1", "Host: localhost.", "401")]
    [InlineData("GET /api/runs HTTP/1.1", "Host: localhost,evil.example", "40")]
    [InlineData("GET /api/runs HTTP/1.1", "Host: local\thost", "40")]
    // Space around a value is no part of it (RFC 9110, 5.5), and Kestrel takes it away: what comes in is a plain name, ours or another's.
    [InlineData("GET /api/runs HTTP/1.1", "Host: localhost\t", "200")]
    [InlineData("GET /api/runs HTTP/1.1", "Host: localhost\t:80", "400")]
    [InlineData("GET /api/runs HTTP/1.1", "Host: evil.example\t", "401")]
    [InlineData("GET /api/runs HTTP/1.1", "Host: localhost:5080:80", "40")]
    [InlineData("GET /api/runs HTTP/1.1", "Host:", "40")]
    [InlineData("GET /api/runs HTTP/1.1", "X-No: host", "400")]
    [InlineData("GET /api/runs HTTP/1.1", "Host: localhost\r\nHost: evil.example", "400")]
    [InlineData("GET http://evil.example/api/runs HTTP/1.1", "Host: localhost", "40")]
    [InlineData("GET http://evil.example/api/runs HTTP/1.1", "Host: evil.example", "401")]
    public async Task Request_OverTheWire_IsOnlyAnAdminsByAnOwnName(string line, string headers, string status) =>
        Assert.StartsWith(status, await StatusAsync($"{line}\r\n{headers}\r\nConnection: close\r\n\r\n"), StringComparison.Ordinal);

    public async ValueTask DisposeAsync() => await _app.DisposeAsync();

    private async Task<string> StatusAsync(string request)
    {
        using var client = new TcpClient();
        await client.ConnectAsync("127.0.0.1", _app.Url.Port);
        await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(request));
        using var reader = new StreamReader(client.GetStream());
        var first = await reader.ReadLineAsync();
        return first!.Split(' ')[1];
    }
}

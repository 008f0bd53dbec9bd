using System.Net;
using System.Net.Sockets;
using Dashboard.Access.Doors;
using Dashboard.Processes;
using Microsoft.Extensions.Configuration;
using Training.Tests.TestKit;

namespace Training.Tests.Access.Doors;

public sealed class ListenAddressesTests
{
    [Theory]
    [InlineData("http://127.0.0.1:70000", "ports go from 1 to 65535")]
    [InlineData("http://127.0.0.1:-1", "ports go from 1 to 65535")]
    [InlineData("http://127.0.0.1:http", "is not an address")]
    [InlineData("5080", "is not an address to listen on")]
    [InlineData("ftp://127.0.0.1:5080", "the dashboard speaks http and https")]
    [InlineData("http://127.0.0.1:5080/base", "has a path (/base)")]
    [InlineData("http://unix:/nowhere/at/all.sock", "there is no folder /nowhere/at")]
    [InlineData("http://not-a-name.invalid:5080", "“not-a-name.invalid” is not an address or name of this computer")]
    [InlineData("http://127.0.0.l:5080", "is not an address or name of this computer")]
    [InlineData("", "There is no address to listen on")]
    public void Address_WrittenWrongly_IsExplained(string urls, string words) =>
        Assert.Contains(words, Assert.Throws<StartException>(() => Read(urls)).Message, StringComparison.Ordinal);

    [Fact]
    public void Addresses_SeveralWrittenWrongly_AreNamedAllAtOnce() =>
        Assert.Equal(2, Assert.Throws<StartException>(() => Read("ftp://127.0.0.1:1;http://127.0.0.1:0;5080")).Message.Split('\n').Length);

    [Theory]
    [InlineData("http://127.0.0.1:0;http://[::1]:0;http://*:0;https://localhost:0;http://+:0;HTTP://0.0.0.0:0")]
    [InlineData("http://unix:/tmp/dashboard.sock")]
    public void Addresses_AsTheServerTakesThem_AreTaken(string urls) => Assert.NotEmpty(Read(urls));

    [Theory]
    [InlineData("http://192.0.2.1:5080", "192.0.2.1 is not an address of this computer")]
    [InlineData("http://127.0.0.1:{0};http://0.0.0.0:{0}", "are the same door")]
    [InlineData("http://127.0.0.1:{0};http://127.0.0.1:{0}", "are the same door")]
    public void Address_ThatCantBeOpened_IsExplained(string urls, string words)
    {
        var placed = urls.Replace("{0}", FreePort().ToString(System.Globalization.CultureInfo.InvariantCulture), StringComparison.Ordinal);

        Assert.Contains(words, Assert.Throws<StartException>(() => ListenAddresses.Require(Read(placed))).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Address_WhoseUnixSocketIsThere_IsLeftToTheServer()
    {
        using var folder = new TemporaryFolder();

        ListenAddresses.Require(Read($"http://unix:{folder.In("box.sock")}"));

        Assert.False(File.Exists(folder.In("box.sock")));
    }

    private static IReadOnlyList<Microsoft.AspNetCore.Http.BindingAddress> Read(string urls) =>
        ListenAddresses.Read(new ConfigurationBuilder().AddInMemoryCollection([KeyValuePair.Create("Urls", (string?)urls)]).Build());

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}

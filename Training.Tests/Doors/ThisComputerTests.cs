using System.Net;
using Dashboard.Storage;
using Training.Tests.TestKit;

namespace Training.Tests.Doors;

/// <summary>Who is taken for somebody at this computer, without a sign-in.</summary>
public sealed class ThisComputerTests : IAsyncDisposable
{
    private readonly DashboardApp _app = Elsewhere.App();

    [Theory]
    [InlineData("127.0.0.1", "127.0.0.1")]
    [InlineData("127.0.0.1", "localhost")]
    [InlineData("::1", "[::1]")]
    [InlineData("::ffff:127.0.0.1", "127.0.0.1")]
    public async Task Request_FromThisComputer_IsAnAdmins(string address, string host)
    {
        using var client = Elsewhere.ClientOf(_app, address, host);

        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync("/accounts")).StatusCode);
    }

    [Theory]
    [InlineData("192.0.2.7", "127.0.0.1")]
    [InlineData("10.0.0.1", "localhost")]
    [InlineData("127.0.0.1", "box.example")]
    public async Task Request_FromElsewhereOrToAForeignName_IsNot(string address, string host)
    {
        using var client = Elsewhere.ClientOf(_app, address, host);

        Assert.Equal(HttpStatusCode.Unauthorized, (await client.GetAsync("/api/runs")).StatusCode);
    }

    [Theory]
    [InlineData("X-Forwarded-For", "127.0.0.1")]
    [InlineData("X-Forwarded-Host", "box.example")]
    [InlineData("X-Forwarded-Proto", "https")]
    [InlineData("X-Original-For", "127.0.0.1")]
    [InlineData("Forwarded", "for=127.0.0.1")]
    [InlineData("X-Real-IP", "127.0.0.1")]
    [InlineData("Via", "1.1 proxy")]
    public async Task Request_ThatAProxyForwards_IsNot(string header, string value)
    {
        using var client = Elsewhere.ClientOf(_app, "127.0.0.1", "127.0.0.1");
        client.DefaultRequestHeaders.Add(header, value);

        Assert.Equal(HttpStatusCode.Unauthorized, (await client.GetAsync("/api/runs")).StatusCode);
    }

    [Fact]
    public async Task Request_OverHttp10AsNginxSpeaksIt_IsNot()
    {
        await using var app = DashboardApp.Listening();
        using var client = new HttpClient { BaseAddress = app.Url };
        using var old = new HttpRequestMessage(HttpMethod.Get, "/api/runs") { Version = HttpVersion.Version10 };

        Assert.Equal(HttpStatusCode.Unauthorized, (await client.SendAsync(old)).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync("/api/runs")).StatusCode);
    }

    [Fact]
    public async Task Request_ThroughATrustedProxy_ComesFromWhomItNames()
    {
        await using var app = Elsewhere.App(new Dictionary<string, string> { ["Dashboard:TrustedProxies"] = "127.0.0.1; 10.0.0.0/8" });
        using var client = Elsewhere.ClientOf(app, "127.0.0.1", "127.0.0.1");
        // Who comes through may say what he likes, also that he is this computer.
        client.DefaultRequestHeaders.Add("X-Forwarded-For", "127.0.0.1");
        client.DefaultRequestHeaders.Add("X-Forwarded-Proto", "https");
        client.DefaultRequestHeaders.Add("X-Forwarded-Host", "box.example");
        Assert.Equal(HttpStatusCode.Unauthorized, (await client.GetAsync("/api/runs")).StatusCode);
        await Elsewhere.AccountAsync(app, AccountRole.Viewer);

        using var post = new HttpRequestMessage(HttpMethod.Post, "/sign-out") { Headers = { { "Origin", "https://box.example" } } };
        Assert.Equal(HttpStatusCode.Unauthorized, (await client.SendAsync(post)).StatusCode);
        var cookie = (await Elsewhere.SignInAsync(client)).Headers.GetValues("Set-Cookie").Single(line => line.StartsWith("fine-tune-", StringComparison.Ordinal));
        Assert.Contains("secure", cookie, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task Origin_OfAProxyThatIsNotKnown_IsRefusedWithTheSetting()
    {
        using var client = Elsewhere.ClientOf(_app, "127.0.0.1", "127.0.0.1:5080");
        using var post = new HttpRequestMessage(HttpMethod.Post, "/api/runs") { Headers = { { "Origin", "https://box.example" }, { "X-Forwarded-For", "192.0.2.7" } } };

        var answer = await client.SendAsync(post);

        Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
        Assert.Contains("Dashboard:TrustedProxies", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task ThisComputer_WhenTheSettingsWantASignIn_IsLikeAnyOther()
    {
        await using var app = Elsewhere.App(new Dictionary<string, string> { ["Dashboard:SignInHere"] = "true" });
        using var client = Elsewhere.ClientOf(app, "127.0.0.1", "127.0.0.1");

        Assert.Equal(HttpStatusCode.Unauthorized, (await client.GetAsync("/api/runs")).StatusCode);
    }

    [Fact]
    public async Task ThisComputer_OnceSomebodySignedIn_IsThatOne()
    {
        await Elsewhere.AccountAsync(_app, AccountRole.Viewer);
        using var client = Elsewhere.ClientOf(_app, "127.0.0.1", "127.0.0.1");
        await Elsewhere.SignInAsync(client);

        Assert.Equal(HttpStatusCode.Forbidden, (await client.DeleteAsync("/api/runs/1")).StatusCode);
        await client.PostAsync("/sign-out", null);
        Assert.Equal(HttpStatusCode.NotFound, (await client.DeleteAsync("/api/runs/1")).StatusCode);
    }

    public async ValueTask DisposeAsync() => await _app.DisposeAsync();
}

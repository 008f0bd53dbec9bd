using System.Net;
using System.Net.WebSockets;
using Dashboard.Protocol;
using Dashboard.Storage;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Training.Tests.TestKit;

namespace Training.Tests.Access.Doors;

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
    [InlineData("X-Cluster-Client-IP", "127.0.0.1")]
    [InlineData("Client-IP", "127.0.0.1")]
    [InlineData("X-Envoy-External-Address", "127.0.0.1")]
    [InlineData("Fastly-Client-IP", "127.0.0.1")]
    [InlineData("X-Azure-ClientIP", "127.0.0.1")]
    [InlineData("X-Remote-Addr", "127.0.0.1")]
    [InlineData("X-ProxyUser-Ip", "127.0.0.1")]
    [InlineData("X-Amzn-Trace-Id", "Root=1-67891233-abcdef012345678912345678")]
    [InlineData("Proxy-Connection", "keep-alive")]
    [InlineData("X-Envoy-Attempt-Count", "1")]
    [InlineData("X-B3-TraceId", "463ac35c9f6413ad48485a3953bb6124")]
    [InlineData("CF-Ray", "230b030023ae2822-SJC")]
    [InlineData("Tailscale-User-Login", "ada@example.com")]
    [InlineData("X_Forwarded_For", "127.0.0.1")]
    [InlineData("x-real-ip", "127.0.0.1")]
    [InlineData("X-Of-Tomorrow", "203.0.113.9")]
    [InlineData("X-Of-Tomorrow", "for=\"[2001:db8::7]:4711\";proto=http")]
    [InlineData("X-Of-Tomorrow", "127.0.0.1, 10.0.0.7:443")]
    public async Task Request_ThatAProxyForwards_IsNot(string header, string value)
    {
        using var client = Elsewhere.ClientOf(_app, "127.0.0.1", "127.0.0.1");
        client.DefaultRequestHeaders.Add(header, value);

        Assert.Equal(HttpStatusCode.Unauthorized, (await client.GetAsync("/api/runs")).StatusCode);
    }

    [Theory]
    [InlineData("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")]
    [InlineData("User-Agent", "Mozilla/5.0 (X11; Linux x86_64) Chrome/120.0.0.0")]
    [InlineData("Sec-CH-UA-Full-Version", "\"120.0.0.0\"")]
    [InlineData("X-SignalR-User-Agent", "Microsoft SignalR/10.0 (10.0.0; Linux; .NET; .NET 10.0.0)")]
    [InlineData("X-Client-Version", "1.2.3.4")]
    [InlineData("X-Content-SHA256", "00ff")]
    [InlineData("X-Of-Tomorrow", "5080")]
    [InlineData("X-Of-Tomorrow", "12:30:45")]
    [InlineData("X-Of-Tomorrow", "127.0.0.1")]
    [InlineData("Referer", "http://192.168.1.5/a,192.168.1.5")]
    public async Task Request_WithWhatProgramsOfThisComputerSend_IsAnAdmins(string header, string value)
    {
        using var client = Elsewhere.ClientOf(_app, "127.0.0.1", "127.0.0.1");
        client.DefaultRequestHeaders.TryAddWithoutValidation(header, value);

        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync("/accounts")).StatusCode);
    }

    [Fact]
    public async Task WebSocket_ThatAProxyForwards_IsNotOpened()
    {
        await using var app = DashboardApp.Listening();
        using var socket = new ClientWebSocket();
        socket.Options.SetRequestHeader("X-Envoy-External-Address", "203.0.113.9");
        socket.Options.CollectHttpResponseDetails = true;

        await Assert.ThrowsAsync<WebSocketException>(() =>
            socket.ConnectAsync(new UriBuilder(new Uri(app.Url, IProgressHub.Path)) { Scheme = "ws" }.Uri, default));

        Assert.Equal(HttpStatusCode.Unauthorized, socket.HttpStatusCode);
    }

    [Fact]
    public async Task Proxy_ThatIsNotKnown_IsNamedOnceByItsHeaderAndInTheRefusal()
    {
        using var log = new LogLines();
        await using var app = new DashboardApp(services: services => services.AddSingleton<ILoggerProvider>(log));
        using var client = app.CreateClient();
        client.DefaultRequestHeaders.Add("X-Azure-ClientIP", "203.0.113.9");

        await client.GetAsync("/api/runs");
        var answer = await client.GetAsync("/api/runs");

        Assert.Contains("X-Azure-ClientIP", Assert.Single(log.Of("Dashboard.Access.Doors")), StringComparison.Ordinal);
        Assert.Contains("X-Azure-ClientIP", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Headers_OfEverNewNames_DontFillTheLog()
    {
        using var log = new LogLines();
        await using var app = new DashboardApp(services: services => services.AddSingleton<ILoggerProvider>(log));
        using var client = app.CreateClient();
        for (var i = 0; i < 40; i++)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get,
                "/health") { Headers = { { $"X-Forwarded-{new string('x', 100 + i)}", "a" }, } };
            await client.SendAsync(request);
            using var other = new HttpRequestMessage(HttpMethod.Get, "/health") { Headers = { { $"X-Forwarded-{i}", "a" }, } };
            await client.SendAsync(other);
        }

        var lines = log.Of("Dashboard.Access.Doors");
        Assert.Equal(32, lines.Count);
        Assert.All(lines, line => Assert.InRange(line.Length, 1, 400));
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
        // The client takes the address for http, and so sends no secure cookie by itself.
        var form = (await client.GetAsync("/sign-in")).Headers.GetValues("Set-Cookie")
            .Single(line => line.Contains("Antiforgery", StringComparison.OrdinalIgnoreCase));
        Assert.Contains("secure", form, StringComparison.OrdinalIgnoreCase);
        client.DefaultRequestHeaders.Add("Cookie", form.Split(';')[0]);
        var cookie = (await Elsewhere.SignInAsync(client)).Headers.GetValues("Set-Cookie")
            .Single(line => line.StartsWith("fine-tune-", StringComparison.Ordinal));
        Assert.Contains("secure", cookie, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task Origin_OfAProxyThatIsNotKnown_IsRefusedWithTheSetting()
    {
        using var client = Elsewhere.ClientOf(_app, "127.0.0.1", "127.0.0.1:5080");
        using var post = new HttpRequestMessage(HttpMethod.Post,
            "/api/runs") { Headers = { { "Origin", "https://box.example" }, { "X-Forwarded-For", "192.0.2.7" } } };

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

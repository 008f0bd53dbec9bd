using System.Net;
using System.Net.Http.Json;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using Dashboard.Protocol;
using Training.Tests.TestKit;

namespace Training.Tests.Access.Doors;

public sealed class ForeignPagesTests : IAsyncLifetime
{
    private const string Evil = "http://evil.example";

    private readonly DashboardApp _app = DashboardApp.Listening();
    private HttpClient _client = null!;

    [Theory]
    [InlineData("localhost")]
    [InlineData("127.0.0.1")]
    [InlineData("[::1]")]
    [InlineData("LOCALHOST")]
    public async Task Request_ToANameOfThisComputer_IsAnswered(string host) =>
        Assert.Equal(HttpStatusCode.OK, (await SendAsync(HttpMethod.Get, "/api/runs", host: host)).StatusCode);

    [Theory]
    [InlineData("evil.example")]
    [InlineData("127.0.0.1.evil.example")]
    [InlineData("localhost.evil.example")]
    public async Task Request_ToAForeignName_NeedsASignInAndSaysWhatToDo(string host)
    {
        var answer = await SendAsync(HttpMethod.Get, "/api/runs", host: host);

        var words = await RefusalAsync(answer, HttpStatusCode.Unauthorized);
        Assert.Contains($"“{host}”", words, StringComparison.Ordinal);
        Assert.Contains("http://127.0.0.1:", words, StringComparison.Ordinal);
        Assert.Contains("AllowedHosts", words, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Request_ToANameThatTheSettingsAllow_IsAnswered()
    {
        await using var app = new DashboardApp(settings: new Dictionary<string, string> { ["AllowedHosts"] = "*.lab.example;localhost" });
        using var client = app.CreateClient();
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/runs") { Headers = { Host = "box.lab.example" } };
        using var other = new HttpRequestMessage(HttpMethod.Get, "/api/runs") { Headers = { Host = "box.other.example" } };

        Assert.Equal(HttpStatusCode.OK, (await client.SendAsync(request)).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await client.SendAsync(other)).StatusCode);
    }

    [Theory]
    [InlineData("POST", "/api/runs")]
    [InlineData("POST", "/api/datasets")]
    [InlineData("DELETE", "/api/runs/1")]
    [InlineData("POST", IProgressHub.Path + "/negotiate?negotiateVersion=1")]
    [InlineData("POST", "/_blazor/negotiate?negotiateVersion=1")]
    public async Task Change_FromAPageOfAnotherSite_IsRefused(string method, string path)
    {
        var answer = await SendAsync(new HttpMethod(method), path, origin: Evil);

        Assert.Contains("another web site", await RefusalAsync(answer), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("null")]
    [InlineData("http://127.0.0.1:1")]
    [InlineData("https://127.0.0.1")]
    public async Task Change_FromAnOriginThatOnlyLooksLikeOurs_IsRefused(string origin) =>
        Assert.Equal(HttpStatusCode.Forbidden, (await SendAsync(HttpMethod.Post, "/api/runs", origin: origin)).StatusCode);

    [Theory]
    [InlineData("Sec-Fetch-Site: cross-site|Sec-Fetch-Mode: navigate")]
    [InlineData("Sec-Fetch-Site: cross-site|Sec-Fetch-Mode: no-cors")]
    [InlineData("Sec-Fetch-Site: same-site")]
    [InlineData("Sec-Fetch-Site: cross-site, same-origin")]
    [InlineData("Referer: http://evil.example/")]
    [InlineData("Referer: OWN.evil.example/")]
    [InlineData("User-Agent: Mozilla/5.0 (X11; Linux x86_64) Chrome/120.0.0.0 Safari/537.36")]
    public async Task Change_WithoutAnOriginThatIsNotOurs_IsRefused(string headers) =>
        Assert.Equal(HttpStatusCode.Forbidden, (await SendAsync(HttpMethod.Post, "/api/runs", headers: headers)).StatusCode);

    [Theory]
    [InlineData("Sec-Fetch-Site: same-origin|User-Agent: Mozilla/5.0")]
    [InlineData("Sec-Fetch-Site: none")]
    [InlineData("Referer: OWN/datasets|User-Agent: Mozilla/5.0")]
    [InlineData("User-Agent: curl/8.5.0")]
    [InlineData("")]
    public async Task Change_OfAnOwnPageOrAScript_ReachesTheApi(string headers) =>
        Assert.Equal(HttpStatusCode.BadRequest, (await SendAsync(HttpMethod.Post, "/api/runs", headers: headers)).StatusCode);

    [Fact]
    public async Task Answer_ToAnything_LetsOnlyScriptsOfItsOwnRun()
    {
        var answer = await SendAsync(HttpMethod.Get, "/settings");

        var policy = answer.Headers.GetValues("Content-Security-Policy").Single();
        Assert.Contains("script-src 'self';", policy, StringComparison.Ordinal);
        Assert.Contains("frame-ancestors 'self'", policy, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Change_FromAnOwnPage_ReachesTheApi()
    {
        var answer = await SendAsync(HttpMethod.Post, "/api/runs", origin: _app.Url.GetLeftPart(UriPartial.Authority));

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
    }

    [Fact]
    public async Task Read_FromAPageOfAnotherSite_IsAnsweredWithoutLeaveToReadIt()
    {
        var answer = await SendAsync(HttpMethod.Get, "/api/runs", origin: Evil);

        Assert.False(answer.Headers.Contains("Access-Control-Allow-Origin"));
    }

    [Theory]
    [InlineData(IProgressHub.Path)]
    [InlineData(MachineProtocol.Path)]
    [InlineData("/_blazor")]
    public async Task WebSocket_FromAPageOfAnotherSite_IsRefused(string path)
    {
        using var socket = new ClientWebSocket();
        socket.Options.SetRequestHeader("Origin", Evil);
        socket.Options.CollectHttpResponseDetails = true;

        await Assert.ThrowsAsync<WebSocketException>(() => socket.ConnectAsync(SocketAddress(path), CancellationToken.None));

        Assert.Equal(HttpStatusCode.Forbidden, socket.HttpStatusCode);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("own")]
    public async Task WebSocket_FromAScriptOrAnOwnPage_IsOpened(string? origin)
    {
        using var socket = new ClientWebSocket();
        if (origin is not null) socket.Options.SetRequestHeader("Origin", _app.Url.GetLeftPart(UriPartial.Authority));

        await socket.ConnectAsync(SocketAddress(IProgressHub.Path), CancellationToken.None);

        Assert.Equal(WebSocketState.Open, socket.State);
    }

    public Task InitializeAsync()
    {
        _client = _app.CreateClient();
        return Task.CompletedTask;
    }

    public async Task DisposeAsync()
    {
        _client.Dispose();
        await _app.DisposeAsync();
    }

    private Uri SocketAddress(string path) => new UriBuilder(new Uri(_app.Url, path)) { Scheme = "ws" }.Uri;

    private async Task<HttpResponseMessage> SendAsync(
        HttpMethod method, string path, string? host = null, string? origin = null, string headers = "")
    {
        using var request = new HttpRequestMessage(method, path);
        foreach (var header in headers.Split('|', StringSplitOptions.RemoveEmptyEntries))
            request.Headers.TryAddWithoutValidation(header.Split(": ")[0],
                header.Split(": ")[1].Replace("OWN", _app.Url.GetLeftPart(UriPartial.Authority), StringComparison.Ordinal));
        if (host is not null) request.Headers.Host = $"{host}:{_app.Url.Port}";
        if (origin is not null) request.Headers.Add("Origin", origin);
        if (method == HttpMethod.Post) request.Content = new StringContent("{}", Encoding.UTF8, "application/json");
        return await _client.SendAsync(request);
    }

    private static async Task<string> RefusalAsync(HttpResponseMessage answer, HttpStatusCode status = HttpStatusCode.Forbidden)
    {
        Assert.Equal(status, answer.StatusCode);
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
        return (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("detail").GetString()!;
    }
}

using System.Net;
using Dashboard.Access.Accounts;
using Dashboard.Access.Visitors;
using Dashboard.Protocol;
using Dashboard.Storage;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Http.Connections;
using Microsoft.AspNetCore.SignalR.Client;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using Training.Tests.TestKit;

namespace Training.Tests.Access.Accounts;

/// <summary>What a cookie opens, and until when.</summary>
public sealed class SessionTests : IAsyncLifetime
{
    private const string Firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0";

    private readonly DashboardApp _app = Elsewhere.App();
    private readonly List<HttpClient> _clients = [];
    private AccountRow _ada = null!;

    private SessionStore Sessions => _app.Get<SessionStore>();

    [Fact]
    public async Task Cookie_CopiedBeforeSignOut_OpensNothingAfterIt()
    {
        using var browser = Elsewhere.ClientOf(_app);
        using var thief = Thief(await CookieAsync(browser));
        Assert.Equal(HttpStatusCode.OK, (await thief.GetAsync("/api/runs")).StatusCode);

        await browser.PostAsync("/sign-out", null);

        Assert.Equal(HttpStatusCode.Unauthorized, (await thief.GetAsync("/api/runs")).StatusCode);
        Assert.Empty(await Sessions.ListAsync(_ada.Id));
    }

    [Fact]
    public async Task SignOut_InOneBrowser_LeavesTheOthers()
    {
        var (one, other) = (await BrowserAsync(), await BrowserAsync());

        await one.PostAsync("/sign-out", null);

        Assert.Equal(HttpStatusCode.Unauthorized, (await one.GetAsync("/api/runs")).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await other.GetAsync("/api/runs")).StatusCode);
    }

    [Fact]
    public async Task SignOut_Everywhere_EndsAllOfThisAccountAndNoOther()
    {
        var bob = await Elsewhere.AccountAsync(_app, AccountRole.Viewer, "bob");
        var (one, other, bobs) = (await BrowserAsync(), await BrowserAsync(), await BrowserAsync("bob"));

        var answer = await one.PostAsync("/sign-out/everywhere", null);

        Assert.Equal("/sign-in", answer.Headers.Location?.ToString());
        Assert.Equal(HttpStatusCode.Unauthorized, (await one.GetAsync("/api/runs")).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await other.GetAsync("/api/runs")).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await bobs.GetAsync("/api/runs")).StatusCode);
        Assert.Single(await Sessions.ListAsync(bob.Id));
    }

    [Fact]
    public async Task Account_Page_ListsWhereOneIsSignedInAndEndsOneOfThem()
    {
        var (here, there) = (await BrowserAsync(), await BrowserAsync(agent: Firefox));
        var page = await here.GetStringAsync("/password");
        var firefox = Assert.Single(await Sessions.ListAsync(_ada.Id), session => session.Browser == "Firefox on Linux");

        Assert.Contains("Firefox on Linux", page, StringComparison.Ordinal);
        Assert.Contains("this browser", page, StringComparison.Ordinal);
        Assert.Contains($"/sign-out/{firefox.Id}", page, StringComparison.Ordinal);
        await here.PostAsync($"/sign-out/{firefox.Id}", null);
        Assert.Equal(HttpStatusCode.OK, (await here.GetAsync("/api/runs")).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await there.GetAsync("/api/runs")).StatusCode);
    }

    [Fact]
    public async Task Session_OfAnotherAccount_CantBeEnded()
    {
        await Elsewhere.AccountAsync(_app, AccountRole.Viewer, "bob");
        var (adas, bobs) = (await BrowserAsync(), await BrowserAsync("bob"));

        await bobs.PostAsync($"/sign-out/{Assert.Single(await Sessions.ListAsync(_ada.Id)).Id}", null);

        Assert.Equal(HttpStatusCode.OK, (await adas.GetAsync("/api/runs")).StatusCode);
    }

    [Fact]
    public async Task SignIn_Again_EndsTheSessionThatTheBrowserHad()
    {
        var browser = await BrowserAsync();
        await Elsewhere.SignInAsync(browser);

        Assert.Single(await Sessions.ListAsync(_ada.Id));
    }

    [Fact]
    public async Task Password_ResetByAnAdmin_EndsAllSessions()
    {
        await BrowserAsync();
        await BrowserAsync();

        await _app.Get<AccountStore>().ResetPasswordAsync(_ada.Id, "another horse battery");

        Assert.Empty(await Sessions.ListAsync(_ada.Id));
    }

    [Fact]
    public async Task Cookie_FromBeforeThereWereSessions_AsksForASignIn()
    {
        var options = _app.Get<IOptionsMonitor<CookieAuthenticationOptions>>().Get(SignIn.Scheme);
        var ticket = new AuthenticationTicket(
            Visitor.Of(_ada).ToPrincipal(SignIn.Scheme, _ada.SecurityStamp),
            new AuthenticationProperties { ExpiresUtc = TimeProvider.System.GetUtcNow().AddDays(1) }, SignIn.Scheme);
        using var client = Thief($"{options.Cookie.Name}={options.TicketDataFormat.Protect(ticket)}");

        Assert.Equal(HttpStatusCode.Unauthorized, (await client.GetAsync("/api/runs")).StatusCode);
    }

    [Fact]
    public async Task Session_NotUsedForTwoWeeks_IsOver()
    {
        var clock = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        var sessions = new SessionStore(_app.Get<IDbContextFactory<DashboardDb>>(),
            new VisitorFeed(clock, NullLogger<VisitorFeed>.Instance), clock);
        var (used, idle) = (await sessions.BeginAsync(_ada.Id, "one", ""), await sessions.BeginAsync(_ada.Id, "other", ""));
        clock.Advance(TimeSpan.FromDays(13));
        Assert.NotNull(await sessions.FindAsync(used));
        clock.Advance(TimeSpan.FromDays(2));

        Assert.NotNull(await sessions.FindAsync(used));
        Assert.Null(await sessions.FindAsync(idle));
        Assert.Equal("one", Assert.Single(await sessions.ListAsync(_ada.Id)).Browser);
        // Whoever signs in next clears away what is over.
        await sessions.BeginAsync(_ada.Id, "third", "");
        await using var db = _app.Database();
        Assert.Equal(2, await db.Sessions.CountAsync());
    }

    [Fact]
    public async Task Key_OfASession_IsNowhereInTheDatabase()
    {
        var key = await Sessions.BeginAsync(_ada.Id, new string('b', 500), new string('a', 500));
        var row = Assert.Single(await Sessions.ListAsync(_ada.Id));

        Assert.DoesNotContain(key, row.Hash, StringComparison.OrdinalIgnoreCase);
        Assert.Equal((64, 64, 64), (row.Hash.Length, row.Browser.Length, row.Address.Length));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Watcher_WhoseSessionEnds_LosesItsConnection(bool elsewhere)
    {
        var clock = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        await using var app = DashboardApp.Listening(
            settings: new Dictionary<string, string> { ["Dashboard:SignInHere"] = "true" }, services: services =>
                services.AddSingleton<TimeProvider>(clock));
        var ada = await Elsewhere.AccountAsync(app, AccountRole.Viewer);
        var cookies = new CookieContainer();
        using var client = new HttpClient(
            new HttpClientHandler { CookieContainer = cookies, AllowAutoRedirect = false }) { BaseAddress = app.Url };
        await Elsewhere.SignInAsync(client);
        await using var connection = new HubConnectionBuilder().WithUrl(new Uri(app.Url, IProgressHub.Path), HttpTransportType.WebSockets,
            options => options.Cookies = cookies).Build();
        var closed = new TaskCompletionSource();
        connection.Closed += _ =>
        {
            closed.TrySetResult();
            return Task.CompletedTask;
        };
        await connection.StartAsync();

        if (elsewhere)
        {
            // Another dashboard over the same database ended it, and nobody told this one.
            await using var db = app.Database();
            await db.Sessions.ExecuteDeleteAsync();
            await Eventually.TrueAsync(() =>
            {
                clock.Advance(TimeSpan.FromSeconds(30));
                return closed.Task.IsCompleted;
            }, "the connection is looked at again");
        }
        else
        {
            await app.Get<SessionStore>().EndAllAsync(ada.Id);
        }

        await closed.Task.WaitAsync(TimeSpan.FromSeconds(30));
    }

    [Theory]
    [InlineData(Firefox, "Firefox on Linux")]
    [InlineData("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36 "
        + "Edg/126.0.0.0", "Edge on Windows")]
    [InlineData("Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 "
        + "Mobile/15E148 Safari/604.1", "Safari on iPhone")]
    [InlineData("Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Mobile Safari/537.36",
        "Chrome on Android")]
    [InlineData("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36",
        "Chrome on macOS")]
    [InlineData("curl/8.5.0", "")]
    [InlineData("", "")]
    public void Browser_ByItsHeader_IsNamedAsPeopleKnowIt(string agent, string name) => Assert.Equal(name, BrowserName.Of(agent));

    public async Task InitializeAsync() => _ada = await Elsewhere.AccountAsync(_app, AccountRole.Member);

    public async Task DisposeAsync()
    {
        _clients.ForEach(client => client.Dispose());
        await _app.DisposeAsync();
    }

    private async Task<HttpClient> BrowserAsync(string name = "ada", string? agent = null)
    {
        var client = Elsewhere.ClientOf(_app, $"192.0.2.{_clients.Count + 10}");
        if (agent is not null)
        {
            client.DefaultRequestHeaders.Add("User-Agent", agent);
            client.DefaultRequestHeaders.Add("Sec-Fetch-Site", "same-origin");
        }
        _clients.Add(client);
        await Elsewhere.SignInAsync(client, name);
        return client;
    }

    private static async Task<string> CookieAsync(HttpClient client) =>
        (await Elsewhere.SignInAsync(client)).Headers.GetValues("Set-Cookie")
            .Single(line => line.StartsWith("fine-tune-", StringComparison.Ordinal)).Split(';')[0];

    /// <summary>Somebody else, with a cookie that isn't theirs.</summary>
    private HttpClient Thief(string cookie)
    {
        var client = Elsewhere.ClientOf(_app, "192.0.2.66");
        client.DefaultRequestHeaders.Add("Cookie", cookie);
        return client;
    }
}

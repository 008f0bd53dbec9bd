using System.Net;
using Dashboard.Access.Accounts;
using Dashboard.Storage;
using Training.Tests.TestKit;
using Training.Tests.TestProcesses;

namespace Training.Tests.Access.Accounts;

public sealed class FirstAccountTests : IAsyncLifetime
{
    private readonly DashboardApp _app = Elsewhere.App();
    private HttpClient _client = null!;

    private string Link => "/first-account?code=" + _app.Get<FirstAccount>().NewCode();

    [Fact]
    public async Task Link_Followed_MakesAnAdminWhoIsSignedIn()
    {
        var made = await MakeAsync(Link, "ada");

        Assert.Equal(HttpStatusCode.Redirect, made.StatusCode);
        Assert.Equal(AccountRole.Admin, Assert.Single(await _app.Get<AccountStore>().ListAsync()).Role);
        Assert.Equal(HttpStatusCode.OK, (await _client.GetAsync("/accounts")).StatusCode);
    }

    [Fact]
    public async Task Link_FollowedTwice_MakesOneAccountOnly()
    {
        var link = Link;
        await MakeAsync(link, "ada");
        using var other = Elsewhere.ClientOf(_app);

        Assert.Equal(HttpStatusCode.Redirect, (await other.GetAsync(link)).StatusCode);
        Assert.Null(await _app.Get<FirstAccount>().MakeAsync(link.Split('=')[1], "eve", Elsewhere.Password));
        Assert.Single(await _app.Get<AccountStore>().ListAsync());
    }

    [Fact]
    public async Task Code_OnceAnAccountExists_IsNoLongerGood()
    {
        var first = _app.Get<FirstAccount>();
        var code = first.NewCode();
        await Elsewhere.AccountAsync(_app, AccountRole.Viewer);

        Assert.Null(await first.MakeAsync(code, "eve", Elsewhere.Password));
    }

    [Fact]
    public async Task Link_WithABadPassword_StaysGood()
    {
        var link = Link;
        var refused = await MakeAsync(link, "ada", "short");

        Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
        Assert.Contains("at least 10 characters", await refused.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.Redirect, (await MakeAsync(link, "ada")).StatusCode);
    }

    [Theory]
    [InlineData("/first-account")]
    [InlineData("/first-account?code=guessed")]
    public async Task Page_WithoutTheCode_SaysWhatToDoAndHasNoForm(string path)
    {
        _ = Link;

        var html = await _client.GetStringAsync(path);

        Assert.Contains("finds a link in its terminal", html, StringComparison.Ordinal);
        Assert.DoesNotContain("<form", html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task SignIn_WhileThereIsNoAccount_LeadsToTheWords() =>
        Assert.Equal("/first-account", (await _client.GetAsync("/sign-in")).Headers.Location?.PathAndQuery);

    [SkippableFact]
    public async Task Start_OnEveryAddress_PrintsALinkThatWorks()
    {
        using var folder = new TemporaryFolder();
        await using var dashboard = await DashboardProcess.StartAsync(folder.Path, "--urls", "http://0.0.0.0:0", "--Dashboard:TrainHere",
            "false");
        await Eventually.TrueAsync(() => dashboard.Output.Contains("/first-account?code=", StringComparison.Ordinal),
            "the link in the terminal");
        var line = dashboard.Output.Split('\n').Single(line => line.Contains("/first-account?code=", StringComparison.Ordinal));

        Assert.StartsWith("Nobody can sign in yet. Make the first account, once, at http://", line, StringComparison.Ordinal);
        var link = new UriBuilder(line[line.IndexOf("http://", StringComparison.Ordinal)..]) { Host = "127.0.0.1" }.Uri;
        using var client = new HttpClient();
        Assert.Contains("<form", await client.GetStringAsync(link), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Start_OnThisComputerOnly_PrintsNoLink()
    {
        using var folder = new TemporaryFolder();
        await using var dashboard = await DashboardProcess.StartAsync(folder.Path, "--Dashboard:TrainHere", "false");
        using var client = new HttpClient { BaseAddress = dashboard.Url };
        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync("/api/runs")).StatusCode);

        Assert.DoesNotContain("first-account", dashboard.Output, StringComparison.Ordinal);
    }

    public Task InitializeAsync()
    {
        _client = Elsewhere.ClientOf(_app);
        return Task.CompletedTask;
    }

    public async Task DisposeAsync()
    {
        _client.Dispose();
        await _app.DisposeAsync();
    }

    private Task<HttpResponseMessage> MakeAsync(string link, string name, string password = Elsewhere.Password) =>
        Elsewhere.PostFormAsync(_client, link, ("Given.Name", name), ("Given.Password", password));
}

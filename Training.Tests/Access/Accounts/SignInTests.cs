using System.Net;
using Dashboard.Access.Accounts;
using Dashboard.Storage;
using Training.Tests.TestKit;

namespace Training.Tests.Access.Accounts;

public sealed class SignInTests : IAsyncLifetime
{
    private readonly DashboardApp _app = Elsewhere.App();
    private HttpClient _client = null!;

    private AccountStore Accounts => _app.Get<AccountStore>();

    [Fact]
    public async Task SignIn_WithTheRightPassword_OpensThePageThatWasWanted()
    {
        var asked = await GetPageAsync("/datasets?add=1");
        var signedIn = await Elsewhere.SignInAsync(_client, page: asked.Headers.Location!.ToString());

        Assert.Equal("/sign-in?to=%2Fdatasets%3Fadd%3D1", asked.Headers.Location.ToString());
        Assert.Equal("/datasets?add=1", signedIn.Headers.Location!.PathAndQuery);
        var page = await GetPageAsync("/datasets?add=1");
        Assert.Equal(HttpStatusCode.OK, page.StatusCode);
        Assert.Contains("ada", await page.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task SignIn_OverHttp_SetsACookieThatScriptsCantRead()
    {
        var cookie = Assert.Single((await Elsewhere.SignInAsync(_client)).Headers.GetValues("Set-Cookie"), line =>
            line.StartsWith("fine-tune-", StringComparison.Ordinal));

        Assert.Contains("httponly", cookie, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("samesite=lax", cookie, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("expires", cookie, StringComparison.OrdinalIgnoreCase);
    }

    [Theory]
    [InlineData("ada", "wrong horse battery")]
    [InlineData("nobody", Elsewhere.Password)]
    public async Task SignIn_WithAWrongNameOrPassword_SaysTheSame(string name, string password)
    {
        var answer = await Elsewhere.SignInAsync(_client, name, password);

        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
        Assert.Contains("Name or password is wrong", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.Redirect, (await GetPageAsync("/")).StatusCode);
    }

    [Theory]
    [InlineData("//evil.example")]
    [InlineData("https://evil.example")]
    [InlineData("/\\evil.example")]
    public async Task SignIn_WithALinkThatLeadsAway_StaysHere(string to)
    {
        var answer = await Elsewhere.SignInAsync(_client, page: "/sign-in?to=" + Uri.EscapeDataString(to));

        Assert.Equal("http://box.example/", answer.Headers.Location!.ToString());
    }

    [Fact]
    public async Task SignIn_WithoutTheFormsOwnToken_IsRefused()
    {
        var answer = await _client.PostAsync("/sign-in", new FormUrlEncodedContent(
            [new("_handler", "sign-in"), new("Given.Name", "ada"), new("Given.Password", Elsewhere.Password)]));

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
    }

    [Fact]
    public async Task Account_AfterFiveWrongPasswords_IsLockedUntilAnAdminUnlocksIt()
    {
        var id = Assert.Single(await Accounts.ListAsync()).Id;
        for (var i = 0; i < 5; i++) Assert.Null(await Accounts.CheckAsync("ada", "wrong horse battery"));

        Assert.Null(await Accounts.CheckAsync("ada", Elsewhere.Password));
        await Accounts.UnlockAsync(id);

        Assert.NotNull(await Accounts.CheckAsync("ADA ", Elsewhere.Password));
    }

    [Fact]
    public async Task SignedIn_WhenThePasswordIsReset_IsSignedOut()
    {
        await Elsewhere.SignInAsync(_client);
        await Accounts.ResetPasswordAsync((await Accounts.ListAsync())[0].Id, "another horse battery");

        Assert.Equal(HttpStatusCode.Redirect, (await GetPageAsync("/")).StatusCode);
        Assert.Equal(HttpStatusCode.Redirect, (await Elsewhere.SignInAsync(_client, password: "another horse battery")).StatusCode);
    }

    [Fact]
    public async Task Password_ChangedByOneself_KeepsThisBrowserSignedInOnly()
    {
        using var other = Elsewhere.ClientOf(_app);
        await Elsewhere.SignInAsync(other);
        await Elsewhere.SignInAsync(_client);
        var wrong = await Elsewhere.PostFormAsync(_client, "/password", ("Given.Old", "wrong horse battery"),
            ("Given.New", "another horse battery"));
        var right = await Elsewhere.PostFormAsync(_client, "/password", ("Given.Old", Elsewhere.Password),
            ("Given.New", "another horse battery"));

        Assert.Equal((HttpStatusCode.BadRequest, HttpStatusCode.Redirect), (wrong.StatusCode, right.StatusCode));
        Assert.Equal(HttpStatusCode.OK, (await _client.GetAsync("/api/runs")).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await other.GetAsync("/api/runs")).StatusCode);
        Assert.NotNull(await Accounts.CheckAsync("ada", "another horse battery"));
    }

    [Fact]
    public async Task SignedIn_WhenTheRoleChanges_HasTheNewOneForTheNextRequest()
    {
        var account = await Elsewhere.AccountAsync(_app, AccountRole.Viewer, "bob");
        await Elsewhere.SignInAsync(_client, "bob");
        var before = await _client.DeleteAsync("/api/runs/1");
        await Accounts.ChangeRoleAsync(account.Id, AccountRole.Member);

        Assert.Equal(HttpStatusCode.Forbidden, before.StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await _client.DeleteAsync("/api/runs/1")).StatusCode);
    }

    [Fact]
    public async Task SignedIn_WhenTheAccountIsRemoved_IsSignedOut()
    {
        var account = await Elsewhere.AccountAsync(_app, AccountRole.Member, "bob");
        await Elsewhere.SignInAsync(_client, "bob");
        await Accounts.RemoveAsync(account.Id);

        Assert.Equal(HttpStatusCode.Unauthorized, (await _client.GetAsync("/api/runs")).StatusCode);
    }

    [Fact]
    public async Task SignOut_Posted_EndsIt()
    {
        await Elsewhere.SignInAsync(_client);
        await _client.PostAsync("/sign-out", null);

        Assert.Equal(HttpStatusCode.Unauthorized, (await _client.GetAsync("/api/runs")).StatusCode);
    }

    [Fact]
    public async Task Admin_ThatIsTheOnlyOne_CantBeRemovedOrDemoted()
    {
        var id = (await Accounts.ListAsync())[0].Id;

        await Assert.ThrowsAsync<AccountException>(() => Accounts.RemoveAsync(id));
        await Assert.ThrowsAsync<AccountException>(() => Accounts.ChangeRoleAsync(id, AccountRole.Viewer));
        await Elsewhere.AccountAsync(_app, AccountRole.Admin, "bob");
        await Accounts.RemoveAsync(id);

        Assert.Equal("bob", Assert.Single(await Accounts.ListAsync()).Name);
    }

    [Theory]
    [InlineData("Ada", Elsewhere.Password, "name")]
    [InlineData(" ", Elsewhere.Password, "name")]
    [InlineData("bob", "short", "password")]
    public async Task Account_ThatCantBe_IsRefusedByField(string name, string password, string field)
    {
        var refused = await Assert.ThrowsAsync<AccountException>(() => Accounts.AddAsync(name, password, AccountRole.Viewer));

        Assert.Equal(field, refused.Field);
    }

    [Fact]
    public async Task Account_WithANameInAnyScript_SignsIn()
    {
        await Elsewhere.AccountAsync(_app, AccountRole.Viewer, "김 하늘");

        Assert.NotNull(await Accounts.CheckAsync("김 하늘", Elsewhere.Password));
    }

    public async Task InitializeAsync()
    {
        _client = Elsewhere.ClientOf(_app);
        await Elsewhere.AccountAsync(_app, AccountRole.Admin);
    }

    public async Task DisposeAsync()
    {
        _client.Dispose();
        await _app.DisposeAsync();
    }

    private Task<HttpResponseMessage> GetPageAsync(string path)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Accept.ParseAdd("text/html");
        return _client.SendAsync(request);
    }
}
